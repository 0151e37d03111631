"""One long kernel per iteration: a product of large square matrices in full FP32."""
import member
import torch


def main(me, side=6144):
    torch.backends.cuda.matmul.allow_tf32 = False
    left = torch.randn(side, side).to(me.device)
    right = torch.randn(side, side).to(me.device)
    product = torch.empty(side, side).to(me.device)

    @torch.inference_mode()
    def step():
        return torch.mm(left, right, out=product)[0]

    me.work(step)


if __name__ == "__main__":
    member.run(lambda me: main(me, **me.parameters))
