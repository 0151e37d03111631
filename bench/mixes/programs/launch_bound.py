"""Thousands of tiny operators: the device is done with each long before the next one comes."""
import member
import torch


def main(me, operators=2000, size=1024):
    start = torch.randn(size).to(me.device)

    @torch.inference_mode()
    def step():
        x = start
        for _ in range(operators // 2):
            x = torch.tanh(x)
            x = x + start
        return x

    me.work(step)


if __name__ == "__main__":
    member.run(lambda me: main(me, **me.parameters))
