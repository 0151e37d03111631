"""Work for the tests' programs: ordinary PyTorch, and a look at the board for the report."""
import hashlib
import json
import os
import subprocess
import time

import torch


def compute(seconds=0.3):
    """Convolutions for a while. Returns a hash that is the same however long they took."""
    torch.manual_seed(3)
    images = torch.randn(1, 32, 40, 40)
    weights = torch.randn(32, 32, 3, 3)
    end = time.monotonic() + seconds
    with torch.no_grad():
        while True:
            result = torch.relu(torch.conv2d(images, weights))
            if time.monotonic() >= end:
                break
    return hashlib.sha256(bytes(result.flatten().view(torch.uint8).tolist())).hexdigest()


def own_lanes():
    command = [os.environ["HEADWAY_CLI"], "status", "--json"]
    boards = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)["boards"]
    lanes = [lane for board in boards for lane in board.get("lanes", ())]
    return [lane for lane in lanes if lane["pid"] == os.getpid()]


def report(role, sha256):
    """One line, in one write, so that lines of several processes don't mix."""
    line = json.dumps({"role": role, "pid": os.getpid(), "sha256": sha256, "lanes": own_lanes()})
    os.write(1, (line + "\n").encode())


def work(role):
    report(role, compute())
