"""Images through a ResNet of random weights: a request each if high, batches without a pause if low."""
import member
import resnet
import torch


def main(me, model="resnet50", batch=1, image=224):
    network = getattr(resnet, model)().eval().to(me.device)
    images = torch.randn(batch, 3, image, image).to(me.device)

    @torch.inference_mode()
    def step():
        return network(images)

    def request():
        yield step().cpu()

    if me.is_high:
        me.serve(request)
    else:
        me.work(step, batch)


if __name__ == "__main__":
    member.run(lambda me: main(me, **me.parameters))
