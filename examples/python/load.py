"""The two kinds of load: requests that arrive by a clock, and batches one after the other.

Nothing here knows Headway.
"""
import collections
import hashlib
import random
import time

import torch

import resnet


class Model:
    """A network, its input, and how to wait for it on the device."""

    def __init__(self, name, batch, device):
        torch.manual_seed(1)
        network = getattr(resnet, name)().eval()
        self.name = f"{name} b{batch}"
        self.batch = batch
        self.on_gpu = device != "cpu"
        self.network = network.to(device)
        self.input = torch.randn(batch, 3, 224, 224).to(device)
        self.events = collections.deque()
        self.output = None
        for _ in range(3):
            self.run()
        self.wait()

    @torch.inference_mode()
    def run(self):
        """Launches one pass. On a CPU it is complete on return."""
        self.output = self.network(self.input)
        if self.on_gpu:
            self.events.append(torch.cuda.Event())
            self.events[-1].record()  # on this thread's current stream

    def wait(self, unfinished=0):
        """Waits until at most `unfinished` passes are left on the GPU.

        For events, not by torch.cuda.synchronize(): that waits for the other model's work as well.
        """
        while len(self.events) > unfinished:
            self.events.popleft().synchronize()

    def output_sha256(self):
        self.wait()
        values = self.output.float().cpu().contiguous().flatten().view(torch.uint8)
        return hashlib.sha256(bytes(values.tolist())).hexdigest()


def arrivals(options, repeat):
    """Seconds from the start at which requests arrive; the same in all scenarios of a repeat."""
    if options.arrivals == "uniform":
        index = 0
        while True:
            yield index / options.rate
            index += 1
    generator = random.Random(options.seed * 1_000_003 + repeat)
    begin, length = 0.0, options.warm_up
    while True:
        # A Poisson process, given how many requests come in the warm-up and in the measured time.
        times = [begin + length * generator.random() for _ in range(round(options.rate * length))]
        yield from sorted(times)
        begin, length = begin + length, options.duration


def serve_requests(model, options, repeat, start, stop):
    """Serves requests from `start` (time.monotonic()) until `stop` is set after the measured time.

    A request's latency counts from its scheduled arrival, so that one that had to wait for its
    predecessor is not made to look fast (an open loop).
    """
    begin, end = start + options.warm_up, start + options.warm_up + options.duration
    times, latencies, services, unfinished = [], [], [], 0
    for offset in arrivals(options, repeat):
        arrival = start + offset
        while time.monotonic() < arrival:
            if arrival >= end and stop.is_set():
                break
            time.sleep(max(0.0, min(arrival - time.monotonic(), 0.05)))
        if arrival >= end and stop.is_set():
            break
        measured = begin <= arrival < end
        service_begin = time.monotonic()
        if measured and service_begin > end + options.duration:
            unfinished += 1  # hopelessly late: the rate is more than the device can serve
            continue
        model.run()
        model.wait()
        done = time.monotonic()
        if measured:
            times.append((arrival - begin) * 1000)
            latencies.append((done - arrival) * 1000)
            services.append((done - service_begin) * 1000)
    return {
        "arrivals_ms": times,
        "latencies_ms": latencies,
        "mean_service_ms": sum(services) / max(1, len(services)),
        "completed_rps": len(latencies) / options.duration,
        "unfinished": unfinished,
    }


def run_batches(model, options, start):
    """Runs the model without a pause, and counts passes in the measured time."""

    def step():
        model.run()
        model.wait(unfinished=1)  # the GPU always has the next pass

    while time.monotonic() < start + options.warm_up:
        step()
    begin = now = time.monotonic()
    iterations = 0
    while now < start + options.warm_up + options.duration:
        step()
        iterations += 1
        now = time.monotonic()
    per_s = iterations / (now - begin)
    return {
        "batch": model.batch,
        "iterations": iterations,
        "iterations_per_s": per_s,
        "images_per_s": per_s * model.batch,
    }


def prepare(options):
    """Settings of a process that runs models; returns what to write about it into the result."""
    facts = {"torch": torch.__version__}
    if options.device == "cpu":
        torch.set_num_threads(1)
    else:
        torch.cuda.set_device(options.device)
        facts["gpu"] = torch.cuda.get_device_name(options.device)
    return facts
