#!/usr/bin/env python3
"""Two models in two threads of one Python process: ResNet-18 answers requests while ResNet-50 works
through batches. Both use PyTorch's default stream, as PyTorch does by itself.

In the scenario `headway` the process is started by `headway run`, and each thread enters a lane; that
is all the difference to `native`. See run_scenario().
"""
import concurrent.futures
import contextlib
import dataclasses
import json
import subprocess
import sys
import threading
import time

import measure


def run_scenario(options, name, repeat):
    """Runs in a fresh process. Returns an entry of the result file."""
    import load

    host = load.prepare(options)
    if options.switch_interval_ms is not None:
        sys.setswitchinterval(options.switch_interval_ms / 1000)
    high = load.Model("resnet18", options.high_batch, options.device) if name != "low-alone" else None
    low = load.Model("resnet50", options.low_batch, options.device) if name != "high-alone" else None

    def lane(priority):
        if name != "headway":
            return contextlib.nullcontext()
        import headway

        return headway.lane(priority=priority, device=options.device, strict=True)

    entry = {"host": host, "output_sha256": {}, "counters": {}}
    low_done = threading.Event()
    start = time.monotonic() + 0.2

    def high_thread():
        with lane(options.high_priority) as entered:
            load.prepare(options)  # some of torch's settings are the thread's own
            entry["high"] = load.serve_requests(high, options, repeat, start, low_done)
            if entered is not None:
                entry["counters"]["high"] = dataclasses.asdict(entered.counters())

    def low_thread():
        with lane(options.low_priority) as entered:
            load.prepare(options)
            entry["low"] = load.run_batches(low, options, start)
            if entered is not None:
                entry["counters"]["low"] = dataclasses.asdict(entered.counters())

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        high_future = pool.submit(high_thread) if high else None
        try:
            if low:
                pool.submit(low_thread).result()
        finally:
            low_done.set()  # until then high goes on, so that low is not alone at the end
        if high_future:
            high_future.result()
    for model in filter(None, (high, low)):
        entry["output_sha256"][model.name] = model.output_sha256()
    return entry


def run_in_process(options, name, repeat):
    command = [sys.executable, *sys.argv, "--child", f"{name}:{repeat}"]
    if name == "headway":
        command = [options.headway, "run", "--", *command]
    env = measure.environment(options)
    output = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True).stdout
    return json.loads(output.splitlines()[-1])


def add_options(parser):
    parser.add_argument(
        "--switch-interval-ms",
        type=float,
        help="how long a thread may keep Python's lock when another wants it, in all scenarios "
        "(sys.setswitchinterval; Python's default is 5)",
    )


def main():
    options = measure.parse_options(__doc__, add_options)
    measure.share_one_core(options)
    if options.child:
        name, repeat = options.child.split(":")
        print(json.dumps(run_scenario(options, name, int(repeat))))
        return 0
    return measure.measure(
        "python-threads", options, lambda name, repeat: run_in_process(options, name, repeat)
    )


if __name__ == "__main__":
    sys.exit(main())
