"""A request to understand a text: one pass of an encoder of BERT-base's size, random weights."""
import member
import torch
from attention import attend, join_heads, split_heads
from torch import nn


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        seen = join_heads(attend(*split_heads(self.qkv(x), self.heads)))
        x = self.norm1(x + self.out(seen))
        return self.norm2(x + self.mlp(x))


class Bert(nn.Module):
    def __init__(self, layers, width, heads, vocabulary, length):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.norm = nn.LayerNorm(width)
        self.layers = nn.Sequential(*[Layer(width, heads) for _ in range(layers)])
        self.pooler = nn.Linear(width, width)

    def forward(self, tokens):
        places = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.layers(self.norm(self.tokens(tokens) + self.positions(places)))
        return torch.tanh(self.pooler(x[:, 0]))


def main(me, layers=12, width=768, heads=12, vocabulary=30522, length=128):
    model = Bert(layers, width, heads, vocabulary, length).eval().to(me.device)
    if me.device != "cpu":
        model = model.half()
    text = torch.randint(vocabulary, (1, length)).to(me.device)

    @torch.inference_mode()
    def request():
        yield model(text).cpu()

    me.serve(request)


if __name__ == "__main__":
    member.run(lambda me: main(me, **me.parameters))
