"""What the programs of a mix share: they hear from headway-bench when to begin and when to end, and tell
it what they have seen. Nothing here knows Headway.

The job is JSON on standard input, events go out and commands come in as lines of JSON on two pipes
(bench/process/events.h). All times are in nanoseconds on CLOCK_MONOTONIC, as those of headway-bench.
"""
import collections
import hashlib
import json
import os
import select
import sys
import time
import traceback

import torch

EVENTS_FD = 3
COMMANDS_FD = 4
FAILED = 1
LOSSES_KEPT = 10


def send(event, **fields):
    data = (json.dumps({"event": event, **fields}) + "\n").encode()
    while data:
        data = data[os.write(EVENTS_FD, data) :]


def run(main):
    """Runs main(member), and reports how it ended."""
    try:
        main(Member(json.load(sys.stdin)))
    except Exception as error:  # the parent ends the other members, and says why
        text = f"{type(error).__name__}: {error}".splitlines()[0]
        if "out of memory" in str(error) or "can't allocate memory" in str(error):
            send("out_of_memory", message=text)
        else:
            traceback.print_exc()
            send("failure", message=text, code=FAILED)
        sys.exit(FAILED)


class Member:
    """One program of a mix: what it was asked for, and its load."""

    def __init__(self, job):
        self.device = job["device"]
        self.parameters = job["parameters"]
        self.is_high = job["role"] == "high"
        self._warm_up_ns = job["warm_up_ns"]
        self._duration_ns = job["duration_ns"]
        self._arrivals_ns = job.get("arrivals_ns", [])
        self._commands = b""
        self._ended = False
        send("phase", phase="load", seconds=0)
        torch.manual_seed(job["seed"])
        if self.device == "cpu":
            torch.set_num_threads(1)
        else:
            torch.cuda.set_device(self.device)

    def serve(self, request):
        """Serves requests at their scheduled times, and reports when each piece of each was there.

        request() returns an iterable. It has an item for each piece of the answer that a client sees:
        the host has it when the iterable yields it. The last request's pieces are hashed, and what a
        generator returns as well.
        """
        for _ in range(3):
            output = answer_of(request())
        begin, end = self._wait_for_start()
        pieces_ns, arrivals_ns, begins_ns = [], [], []
        unfinished, told = 0, False
        for arrival in self._arrivals(begin - self._warm_up_ns):
            if arrival >= end and not told:
                told = self._tell_measured(end)
            if not self._wait_until(arrival):
                break  # it comes after the window, and everybody has their numbers
            measured = begin <= arrival < end
            service_begin = time.monotonic_ns()
            if measured and service_begin > end + self._duration_ns:
                unfinished += 1  # hopelessly late: the rate is more than the device serves
                continue
            times_ns = []
            output = answer_of(request(), times_ns)
            if measured:
                arrivals_ns.append(arrival - begin)
                begins_ns.append(service_begin - arrival)
                pieces_ns.append([then - arrival for then in times_ns])
        self._report(
            sha256(output),
            arrivals_ns=arrivals_ns,
            begins_ns=begins_ns,
            pieces_ns=pieces_ns,
            unfinished=unfinished,
        )

    def work(self, step, batch=1, learns=False):
        """Calls step() without a pause, and reports how many were done in the window.

        step() launches one iteration and returns its output, or its loss if it learns. On a GPU the
        next one is launched before the last has ended, so that the device never waits for the host.
        """
        losses, events = [], collections.deque()

        def iterate():
            output = step()
            if learns and len(losses) < LOSSES_KEPT:
                losses.append(output.detach().clone())
            if self.device != "cpu":
                events.append(torch.cuda.Event())
                events[-1].record()
                while len(events) > 1:
                    events.popleft().synchronize()
            return output

        for _ in range(2):
            iterate()
        begin, end = self._wait_for_start()
        while time.monotonic_ns() < begin:
            iterate()
        first = last = time.monotonic_ns()
        iterations = 0
        while last < end or not iterations:
            output = iterate()
            iterations += 1
            last = time.monotonic_ns()
        send("measured")
        while not self._end_was_said(0):
            output = iterate()
        self._report(
            None if learns else sha256([output]),
            iterations=iterations,
            seconds=(last - first) / 1e9,
            batch=batch,
            losses=[float(loss) for loss in losses],
        )

    def _wait_for_start(self):
        """When the measured window begins and ends."""
        if self.device != "cpu":
            torch.cuda.synchronize()
        send("ready")
        origin = self._next_command()["origin_ns"]
        send("phase", phase="run", seconds=(self._warm_up_ns + self._duration_ns) / 1e9)
        begin = origin + self._warm_up_ns
        return begin, begin + self._duration_ns

    def _arrivals(self, origin):
        """When requests come, without end: after the last of the list the last window's come again."""
        window = [then for then in self._arrivals_ns if then >= self._warm_up_ns]
        yield from (origin + then for then in self._arrivals_ns)
        while True:
            origin += self._duration_ns
            yield from (origin + then for then in window)

    def _tell_measured(self, end):
        """At the end of the window: there are no more requests in it."""
        while time.monotonic_ns() < end:
            time.sleep(max(0, end - time.monotonic_ns()) / 1e9)
        send("measured")
        return True

    def _wait_until(self, then):
        """False if everybody has their numbers: the load may end."""
        while True:
            left = then - time.monotonic_ns()
            if self._end_was_said(max(0, left) / 1e9):
                return False
            if left <= 0:
                return True

    def _end_was_said(self, timeout_s):
        """Listens for at most that long."""
        if not self._ended and select.select([COMMANDS_FD], [], [], timeout_s)[0]:
            self._ended = self._next_command()["command"] == "end"
        return self._ended

    def _next_command(self):
        while b"\n" not in self._commands:
            data = os.read(COMMANDS_FD, 4096)
            if not data:
                sys.exit(FAILED)  # the parent is gone
            self._commands += data
        line, self._commands = self._commands.split(b"\n", 1)
        return json.loads(line)

    def _report(self, output_sha256, **numbers):
        send("result", numbers=numbers, output_sha256=output_sha256, memory=self._memory())
        self._next_command()  # the parent has seen this process's lane on the board

    def _memory(self):
        """MiB in use by this process, or on the whole GPU."""
        if self.device == "cpu":
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
        free, total = torch.cuda.mem_get_info()
        return (total - free) / 2**20


def answer_of(request, times_ns=None):
    """All pieces of an answer, with what the generator returned; when each was there."""
    pieces = iter(request)
    answer = []
    while True:
        try:
            answer.append(next(pieces))
        except StopIteration as end:
            return answer if end.value is None else answer + [end.value]
        if times_ns is not None:
            times_ns.append(time.monotonic_ns())


def sha256(pieces):
    digest = hashlib.sha256()
    for piece in pieces:
        tensor = piece if isinstance(piece, torch.Tensor) else torch.tensor(piece)
        values = tensor.detach().float().cpu().contiguous().flatten().view(torch.uint8)
        digest.update(bytes(values.tolist()))  # Python may have no numpy
    return digest.hexdigest()
