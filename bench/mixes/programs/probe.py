"""Asked before anything runs: does this Python have PyTorch, and does that see the device?"""
import json
import os
import platform
import sys

BAD_ARGUMENTS = 2


def send(**event):
    os.write(3, (json.dumps(event) + "\n").encode())


def refuse(message):
    send(event="failure", message=message, code=BAD_ARGUMENTS)
    sys.exit(BAD_ARGUMENTS)


def main():
    device = json.load(sys.stdin)["device"]
    try:
        import torch
    except Exception as error:  # a broken installation raises anything
        text = (str(error).splitlines() or [type(error).__name__])[0]
        refuse(f"it can't import torch: {text}")
    if device != "cpu":
        count = torch.cuda.device_count()
        if int(device.split(":")[1]) >= count:
            refuse(f"its PyTorch {torch.__version__} sees {count} CUDA GPUs, and {device} is not one of them")
    send(event="result", torch=torch.__version__, python=platform.python_version())


main()
