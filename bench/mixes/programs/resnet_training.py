"""Steps of SGD of a ResNet on one fixed batch of random images and labels."""
import member
import resnet
import torch
from torch.nn import functional as F


def main(me, model="resnet50", batch=64, image=224):
    network = getattr(resnet, model)().train().to(me.device)
    images = torch.randn(batch, 3, image, image).to(me.device)
    labels = torch.randint(1000, (batch,)).to(me.device)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = F.cross_entropy(network(images), labels)
        loss.backward()
        optimiser.step()
        return loss

    me.work(step, batch, learns=True)


if __name__ == "__main__":
    member.run(lambda me: main(me, **me.parameters))
