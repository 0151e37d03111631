"""Is busy for 20 ms of every 40 ms until standard input ends. Knows nothing of Headway."""
import json
import sys
import threading
import time

import torch

from work import own_lanes


def main():
    torch.manual_seed(4)
    matrix = torch.rand(192, 192)
    expected = torch.mm(matrix, matrix)
    stop = threading.Event()

    def wait_for_end():
        sys.stdin.read()
        stop.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    print("ready", flush=True)
    while not stop.is_set():
        end = time.monotonic() + 0.02
        while time.monotonic() < end:
            product = torch.mm(matrix, matrix)
        if not torch.equal(product, expected):
            sys.exit("the product is wrong")
        time.sleep(0.02)
    print(json.dumps(own_lanes()[0]["counters"]))


if __name__ == "__main__":
    main()
