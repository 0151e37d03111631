"""A request for text: a transformer of GPT-2's size reads a prompt and writes token by token, each of
which the host looks at before it asks for the next. Random weights, greedy, with a cache of keys and
values.
"""
import member
import torch
from attention import attend, join_heads, split_heads
from torch import nn


class Block(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.register_buffer("keys", torch.zeros(1, heads, context, width // heads))
        self.register_buffer("values", torch.zeros(1, heads, context, width // heads))

    def forward(self, x, position, mask):
        query, key, value = split_heads(self.qkv(self.norm1(x)), self.heads)
        end = position + x.shape[1]
        self.keys[:, :, position:end] = key
        self.values[:, :, position:end] = value
        seen = attend(query, self.keys[:, :, :end], self.values[:, :, :end], mask)
        x = x + self.out(join_heads(seen))
        return x + self.mlp(self.norm2(x))


class Gpt2(nn.Module):
    def __init__(self, layers, width, heads, vocabulary, context):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads, context) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)

    def forward(self, tokens, position):
        """The logits of the token that follows `tokens`, which stand at `position`."""
        length = tokens.shape[1]
        places = torch.arange(position, position + length, device=tokens.device)
        x = self.tokens(tokens) + self.positions(places)
        mask = None
        if length > 1:
            mask = torch.ones(length, length, dtype=torch.bool, device=tokens.device).tril()
        for block in self.blocks:
            x = block(x, position, mask)
        return self.head(self.norm(x[:, -1]))


def main(me, layers=12, width=768, heads=12, vocabulary=50257, prompt=128, tokens=64):
    model = Gpt2(layers, width, heads, vocabulary, context=prompt + tokens).eval().to(me.device)
    if me.device != "cpu":
        model = model.half()
    question = torch.randint(vocabulary, (1, prompt)).to(me.device)

    @torch.inference_mode()
    def answer():
        logits = model(question, 0)
        for index in range(tokens):
            token = logits.argmax(-1, keepdim=True)
            yield token.item()
            if index + 1 < tokens:
                logits = model(token, prompt + index)
        return logits

    me.serve(answer)


if __name__ == "__main__":
    member.run(lambda me: main(me, **me.parameters))
