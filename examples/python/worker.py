#!/usr/bin/env python3
"""One model in one process: ordinary PyTorch, which knows nothing of Headway.

Says "ready" when the model is loaded, and reads from standard input when to start. Two of these make
the example two_models_processes.py.
"""
import json
import sys
import threading

import load
import measure


def main():
    options = measure.parse_options(__doc__)
    role, repeat = options.child.split(":")
    host = load.prepare(options)
    if role == "high":
        model = load.Model("resnet18", options.high_batch, options.device)
    else:
        model = load.Model("resnet50", options.low_batch, options.device)
    print("ready", flush=True)
    start = float(sys.stdin.readline())
    if role == "high":
        stop = threading.Event()
        threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
        numbers = load.serve_requests(model, options, int(repeat), start, stop)
    else:
        numbers = load.run_batches(model, options, start)
    result = {role: numbers, "output_sha256": {model.name: model.output_sha256()}, "host": host}
    print(json.dumps(result), flush=True)
    sys.stdin.read()  # stays until the parent has seen what `headway status` says about it


if __name__ == "__main__":
    main()
