#!/usr/bin/env python3
"""Two models in two Python processes: ResNet-18 answers requests while ResNet-50 works through batches.

The processes run worker.py, which is ordinary PyTorch. In the scenario `headway` each is started as
`headway run --priority N -- python3 worker.py`; that is all the difference to `native`.
"""
import json
import os
import subprocess
import sys
import time

import measure

WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")


class Worker:
    def __init__(self, options, role, repeat, priority=None):
        self.role = role
        command = [sys.executable, WORKER, *sys.argv[1:], "--child", f"{role}:{repeat}"]
        if priority is not None:
            command = [options.headway, "run", "--priority", str(priority), "--", *command]
        self.process = subprocess.Popen(
            command,
            env=measure.environment(options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process of {self.role} ended with status {self.process.wait()}")
        return line

    def write(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def end(self):
        self.process.stdin.close()
        if self.process.wait(60) != 0:
            raise RuntimeError(f"the process of {self.role} ended with status {self.process.returncode}")


def lane_counters(options, workers):
    """What `headway status` says about the workers' processes."""
    output = subprocess.run([options.headway, "status", "--json"], stdout=subprocess.PIPE, check=True).stdout
    role_of = {worker.process.pid: worker.role for worker in workers}
    counters = {}
    for board in json.loads(output)["boards"]:
        for lane in board.get("lanes", ()):
            if lane["pid"] in role_of:
                counters[role_of[lane["pid"]]] = lane["counters"]
    return counters


def run_scenario(options, name, repeat):
    """Returns an entry of the result file."""
    roles = {"high-alone": ["high"], "low-alone": ["low"]}.get(name, ["high", "low"])
    priorities = {"high": options.high_priority, "low": options.low_priority}
    workers = []
    try:
        for role in roles:
            priority = priorities[role] if name == "headway" else None
            workers.append(Worker(options, role, repeat, priority))
        for worker in workers:
            assert worker.read() == "ready\n"
        start = time.monotonic() + 0.2
        for worker in workers:
            worker.write(repr(start))
        entry = {"output_sha256": {}, "host": {}}
        for worker in reversed(workers):  # low first: high goes on until low has finished
            if worker.role == "high":
                worker.write("stop")
            answer = json.loads(worker.read())
            entry[worker.role] = answer[worker.role]
            entry["output_sha256"].update(answer["output_sha256"])
            entry["host"].update(answer["host"])
        if name == "headway":
            entry["counters"] = lane_counters(options, workers)
        for worker in workers:
            worker.end()
        return entry
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.wait()


def main():
    options = measure.parse_options(__doc__)
    measure.share_one_core(options)
    return measure.measure(
        "python-processes", options, lambda name, repeat: run_scenario(options, name, repeat)
    )


if __name__ == "__main__":
    sys.exit(main())
