#!/usr/bin/env python3
"""The gate for PyTorch on the CPU, in this process: threads in lanes, outputs, and who holds the GIL."""
import hashlib
import os
import pathlib
import sys
import tempfile
import threading
import unittest

boards = tempfile.TemporaryDirectory(prefix="headway-test-")
os.environ["HEADWAY_BOARD_DIR"] = boards.name
os.environ.pop("HEADWAY_PRIORITY", None)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))

import headway  # noqa: E402
from headway import _library, _torch  # noqa: E402
from support import BoardTest, main  # noqa: E402

try:
    import torch
except ImportError:
    torch = None  # main() says so


def network():
    torch.manual_seed(5)
    layers = [torch.nn.Conv2d(3, 16, 3), torch.nn.BatchNorm2d(16), torch.nn.ReLU(), torch.nn.Flatten()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(16 * 30 * 30, 10))


def train(steps=20):
    """Forward, backward and an optimiser's steps. Returns a hash of all parameters and losses."""
    model = network()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
    images, labels = torch.randn(4, 3, 32, 32), torch.tensor([1, 2, 3, 4])
    digest = hashlib.sha256()
    for _ in range(steps):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimiser.step()
        digest.update(repr(loss.item()).encode())
    for parameter in model.parameters():
        digest.update(bytes(parameter.detach().flatten().view(torch.uint8).tolist()))
    return digest.hexdigest()


class ThreadsTest(unittest.TestCase):
    def test_low_is_held_for_high_and_both_compute_what_they_do_alone(self):
        matrix = torch.rand(128, 128)
        expected, product = train(), torch.mm(matrix, matrix)
        results, counters = {"low": [], "high": []}, {}
        stop = threading.Event()

        def high_thread():  # torch.manual_seed() is the process's, so only low uses it
            with headway.lane(priority=10, device="cpu", strict=True) as lane:
                while not stop.is_set():
                    results["high"] += [torch.mm(matrix, matrix) for _ in range(20)]
                    stop.wait(0.01)
                counters["high"] = lane.counters()

        def low_thread():
            with headway.lane(priority=1, device="cpu", strict=True) as lane:
                results["low"] = [train() for _ in range(3)]
                counters["low"] = lane.counters()

        threads = [threading.Thread(target=high_thread), threading.Thread(target=low_thread)]
        for thread in threads:
            thread.start()
        threads[1].join()
        stop.set()
        threads[0].join()
        self.assertEqual(results["low"], [expected] * 3)
        self.assertTrue(all(torch.equal(result, product) for result in results["high"]))
        self.assertGreater(counters["low"].held, 0)
        self.assertGreater(counters["high"].gated, 0)
        self.assertEqual(counters["high"].held, 0)
        for each in counters.values():
            self.assertEqual((each.bypassed, each.hold_timeouts), (0, 0))

    def test_threads_in_no_lane_are_left_alone(self):
        with headway.lane(device="cpu"), headway.lane(device="cpu") as lane:
            thread = threading.Thread(target=lambda: torch.ones(3) + 1)
            thread.start()
            thread.join()
            self.assertEqual(lane.counters().gated, 0)


class InterpreterLockTest(unittest.TestCase):
    """PyTorch lets go of Python's lock in its operators, before the point at which they are held."""

    def hold(self, operation):
        """`operation` runs in a low lane while a high one is busy until it sees that low is held."""
        library = _library.load()
        high = headway.Lane(priority=10, device="cpu")
        low = headway.Lane(priority=1, device="cpu", max_hold_ms=500)

        def work():
            with low:
                operation()

        with high:
            library.headway_begin()
            thread = threading.Thread(target=work)
            thread.start()
            while low.counters().held == 0:
                thread.join(0.001)
            library.headway_end()
            high.idle()
        thread.join()
        return low.counters()

    def test_operators_are_held_without_the_lock(self):
        headway.install()
        x = torch.ones(32, 32)
        leaf = torch.ones(3, requires_grad=True)
        linear, image, weight = torch.nn.Linear(32, 32), torch.ones(1, 3, 8, 8), torch.ones(4, 3, 3, 3)
        operations = {
            "relu": lambda: torch.relu(x),
            "add": lambda: x + 1,
            "mm": lambda: x @ x,
            "module": lambda: linear(x),
            "conv2d": lambda: torch.conv2d(image, weight),
            "cat": lambda: torch.cat([x, x]),
            "to": lambda: x.to(torch.float64),
            "gather by tensor": lambda: x[torch.arange(3)],
            "backward": lambda: (leaf * 2).sum().backward(),
        }
        for name, operation in operations.items():
            with self.subTest(name):
                # With the lock, high could not have seen the hold, and only the limit would end it.
                counters = self.hold(operation)
                self.assertEqual((counters.held, counters.hold_timeouts), (1, 0))

    def test_the_ones_that_keep_it_are_released_by_the_limit(self):
        headway.install()
        x = torch.ones(32, 32)
        counters = self.hold(lambda: x[0])
        self.assertEqual(counters.held, 1)


class GateTest(BoardTest):
    def test_the_gate_is_for_the_torch_that_python_loaded(self):
        path = next(p for p in _library.candidates(_library.TORCH_GATE) if os.path.exists(p))
        needed = list(_torch.needed_libraries(path))
        self.assertTrue([name for name in needed if name.startswith("libtorch")], needed)
        self.assertIsNone(_torch._install(torch))

    def test_it_is_installed_by_a_later_import(self):
        program = (
            "import headway, sys\n"
            "with headway.lane(device='cpu'), headway.lane(device='cpu') as lane:\n"
            "    import torch\n"
            "    before = lane.counters().gated; torch.ones(3) + 1\n"
            "    print(lane.counters().gated > before, type(torch.__loader__).__name__)\n"
        )
        env = {"PYTHONPATH": str(pathlib.Path(headway.__file__).parents[1]),
               "HEADWAY_LIBRARY": os.environ["HEADWAY_LIBRARY"]}
        finished = self.run_python("-c", program, env=env)
        self.assertEqual((finished.out, finished.err), ("True SourceFileLoader\n", ""), finished)

    def test_importing_the_package_is_enough_where_a_priority_is_set(self):
        program = (
            "import headway, torch, json, os\n"
            "with headway.lane(device='cpu'):\n    pass\n"
            "from work import work\nwork('own')\n"
        )
        folders = [pathlib.Path(headway.__file__).parents[1], pathlib.Path(__file__).parent / "programs"]
        env = {"PYTHONPATH": ":".join(map(str, folders)), "HEADWAY_PRIORITY": "-5",
               "HEADWAY_LIBRARY": os.environ["HEADWAY_LIBRARY"]}
        finished = self.run_python("-c", program, env=env)
        self.assertEqual(finished.err, "")
        (report,) = finished.reports()
        self.assertEqual([lane["priority"] for lane in report["lanes"]], [-5])


if __name__ == "__main__":
    main(needs_torch=True)
