"""Batch norm and activations in a chain, on tensors far larger than any cache: nothing but memory."""
import member
import torch
from torch import nn


def main(me, links=16, batch=64, channels=256, image=112):
    # In training mode a batch norm reads everything once more, for its statistics.
    chain = nn.Sequential(
        *[nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(inplace=True)) for _ in range(links)]
    ).train().to(me.device)
    images = torch.randn(batch, channels, image, image).to(me.device)

    @torch.inference_mode()
    def step():
        return chain(images)[0, 0]

    me.work(step, batch)


if __name__ == "__main__":
    member.run(lambda me: main(me, **me.parameters))
