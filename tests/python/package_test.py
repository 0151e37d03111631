#!/usr/bin/env python3
"""The package without PyTorch: lanes, errors, threads, forks, and who holds Python's lock (GIL)."""
import ctypes
import json
import os
import pathlib
import sys
import tempfile
import threading
import types
import unittest
import unittest.mock
import warnings

boards = tempfile.TemporaryDirectory(prefix="headway-test-")
os.environ["HEADWAY_BOARD_DIR"] = boards.name
os.environ.pop("HEADWAY_PRIORITY", None)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))

import headway  # noqa: E402
from headway import _library  # noqa: E402
from support import ROOT, BoardTest, lanes_of, main  # noqa: E402


def own_lanes():
    return {lane["name"]: lane for lane in lanes_of(os.getpid())}


class LaneTest(unittest.TestCase):
    def test_version_is_the_librarys(self):
        self.assertRegex(headway.version(), r"^\d+\.\d+\.\d+$")

    def test_a_blocks_lane_is_on_the_board_while_the_block_runs(self):
        with headway.lane(priority=7, device="cpu", name="block") as lane:
            self.assertTrue(lane.active)
            self.assertEqual(own_lanes()["block"]["priority"], 7)
            lane.set_priority(-3)
            self.assertEqual(own_lanes()["block"]["priority"], -3)
        self.assertFalse(lane.active)
        self.assertNotIn("block", own_lanes())

    def test_one_lane_is_entered_by_many_threads(self):
        library = _library.load()
        with headway.lane(device="cpu"):  # another lane, so that work is gated and counted at once
            lane = headway.Lane(priority=1, device="cpu", name="shared")
            barrier = threading.Barrier(4)

            def work():
                barrier.wait()
                for _ in range(100):
                    with lane:
                        library.headway_begin()
                        library.headway_end()

            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(lane.counters().gated, 400)
            self.assertEqual(lane.counters().bypassed, 0)
            lane.close()

    def test_lanes_nest_and_the_innermost_counts(self):
        library = _library.load()
        with headway.lane(device="cpu") as outer, headway.lane(device="cpu") as inner:
            library.headway_begin()
            library.headway_end()
            with outer:  # once more, on top
                library.headway_begin()
                library.headway_end()
            self.assertEqual((outer.counters().gated, inner.counters().gated), (1, 1))

    def test_deeper_than_the_library_allows_is_not_an_error(self):
        lane = headway.Lane(device="cpu")
        for _ in range(20):
            lane.__enter__()
        for _ in range(20):
            lane.__exit__(None, None, None)
        library = _library.load()
        with headway.lane(device="cpu"), lane:
            library.headway_begin()
            library.headway_end()
        self.assertEqual(lane.counters().gated, 1)

    def test_blocks_that_end_out_of_order_are_left_in_the_end(self):
        library = _library.load()
        first, second = headway.Lane(device="cpu"), headway.Lane(device="cpu")
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        second.__exit__(None, None, None)
        library.headway_begin()
        library.headway_end()
        self.assertEqual((first.counters().gated, second.counters().gated), (0, 0))

    def test_a_functions_lane_stays_open_between_calls(self):
        @headway.lane(priority=4, device="cpu", name="function")
        def serve(number):
            """Serves."""
            return number + 1, own_lanes()["function"]["slot"]

        self.assertEqual((serve.__name__, serve.__doc__), ("serve", "Serves."))
        self.assertNotIn("function", own_lanes())
        self.assertEqual(serve(1), (2, own_lanes()["function"]["slot"]))

    def test_closing_a_lane_that_a_thread_is_in_is_no_error(self):
        lane = headway.Lane(device="cpu", name="closed")
        with lane:
            lane.close()
            lane.close()
            self.assertNotIn("closed", own_lanes())
            self.assertEqual(lane.counters(), headway.Counters())

    def test_exceptions_of_the_block_pass(self):
        with self.assertRaises(ZeroDivisionError), headway.lane(device="cpu"):
            1 / 0


class ErrorTest(BoardTest):
    def test_bad_options_are_named(self):
        for option, value in (("priority", 1000), ("threshold", 0), ("batch_size", 9),
                              ("budget_us", -1), ("linger_us", 2_000_000), ("max_hold_ms", 2**40)):
            with self.subTest(option), self.assertRaisesRegex(headway.HeadwayError, option):
                headway.Lane(device="cpu", **{option: value})
            with self.subTest(option), self.assertRaises(headway.HeadwayError):
                headway.lane(device="cpu", **{option: value}).__enter__()

    def test_an_unknown_device_is_an_error_only_where_that_was_asked_for(self):
        with self.assertRaisesRegex(headway.HeadwayError, "npu:0"):
            headway.Lane(device="npu:0")
        with self.assertRaisesRegex(headway.HeadwayError, "npu:0"):
            headway.lane(device="npu:0", strict=True).__enter__()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for _ in range(3):
                with headway.lane(device="npu:0") as lane:
                    self.assertFalse(lane.active)
                    self.assertEqual(lane.counters(), headway.Counters())
                    lane.set_priority(3)
        self.assertEqual([warning.category for warning in caught], [headway.HeadwayWarning])
        self.assertIn("npu:0", str(caught[0].message))

    def test_with_pytorch_for_rocm_cuda_means_hip(self):
        torch = types.ModuleType("torch")
        torch.version = types.SimpleNamespace(hip="6.3.42131", cuda=None)
        for version, name in ((torch.version, "hip:63"), (types.SimpleNamespace(hip=None), "cuda:63")):
            torch.version = version
            with unittest.mock.patch.dict(sys.modules, torch=torch):
                with self.assertRaisesRegex(headway.HeadwayError, f'"{name}"'):
                    headway.Lane(device="cuda:63")

    def test_without_the_library_programs_run_natively(self):
        program = (
            "import headway\n"
            "with headway.lane(priority=1) as lane: print(lane.active)\n"
            "try: headway.version()\n"
            "except headway.HeadwayError as error: print('HEADWAY_LIBRARY' in str(error))\n"
        )
        env = {"PYTHONPATH": str(pathlib.Path(headway.__file__).parents[1]),
               "HEADWAY_LIBRARY": "/nowhere/at/all.so"}
        finished = self.run_python("-c", program, env=env)
        self.assertEqual((finished.status, finished.out), (0, "False\nTrue\n"), finished)
        self.assertEqual(finished.err.count("running unscheduled"), 1, finished)

    def test_under_headway_run_the_library_beside_the_shim_is_found(self):
        program = "from headway import _library; print(_library.load()._name)"
        env = {"PYTHONPATH": str(ROOT / "python"), "PATH": "/usr/bin:/bin"}
        finished = self.run_scheduled(1, "-c", program, env=env)
        beside = pathlib.Path(os.environ["HEADWAY_LIBRARY"]).parent / _library.SONAME
        self.assertEqual(finished.out, f"{beside}\n", finished)

    def test_importing_costs_nothing_that_the_program_would_notice(self):
        program = "import headway, sys; print('torch' in sys.modules, len(sys.meta_path))"
        env = {"PYTHONPATH": str(pathlib.Path(headway.__file__).parents[1])}
        finished = self.run_python("-c", program, env=env)
        plain = self.run_python("-c", "import sys; print(False, len(sys.meta_path))")
        self.assertEqual((finished.out, finished.err), (plain.out, ""))


class ForkTest(unittest.TestCase):
    def test_a_child_has_a_place_of_its_own_and_leaves_the_parents_alone(self):
        library = _library.load()
        with headway.lane(device="cpu"), headway.lane(device="cpu", name="family") as lane:
            library.headway_begin()
            library.headway_end()
            pid = os.fork()
            if pid == 0:
                library.headway_begin()
                library.headway_end()
                mine = lanes_of(os.getpid())
                os._exit(0 if [entry["name"] for entry in mine] == ["family"] else 1)
            self.assertEqual(os.waitpid(pid, 0)[1], 0)
            self.assertEqual(own_lanes()["family"]["counters"]["gated"], 1)
            self.assertEqual(lane.counters().gated, 1)


class ProcessLaneTest(BoardTest):
    """headway_begin() in threads that have entered no lane."""

    PROGRAM = (
        "import ctypes, os, threading\n"
        "library = ctypes.CDLL(os.environ['HEADWAY_LIBRARY'])\n"
        "def work(): library.headway_begin(); library.headway_end()\n"
        "work()\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join()\n"
        "os.execv(os.environ['HEADWAY_CLI'], ['headway', 'status', '--json'])\n"
    )

    def lanes(self, **variables):
        # exec() keeps the process id, so that its lane is still on the board and alive.
        env = {"HEADWAY_LIBRARY": _library.load()._name, **variables}
        finished = self.run_python("-c", self.PROGRAM, env=env)
        self.assertEqual((finished.status, finished.err.count("Traceback")), (0, 0), finished)
        boards = json.loads(finished.out)["boards"]
        return [lane for board in boards for lane in board["lanes"]], finished.err

    def test_they_belong_to_the_processs_lane_where_a_priority_is_set(self):
        lanes, err = self.lanes(HEADWAY_PRIORITY="-4", HEADWAY_NAME="batch")
        self.assertEqual([(lane["name"], lane["priority"]) for lane in lanes], [("batch", -4)])
        self.assertEqual(err, "")

    def test_otherwise_they_belong_to_none(self):
        self.assertEqual(self.lanes(), ([], ""))
        self.assertEqual(self.lanes(HEADWAY_PRIORITY="-4", HEADWAY_DISABLE="1"), ([], ""))

    def test_nonsense_is_named_and_the_default_is_used(self):
        lanes, err = self.lanes(HEADWAY_PRIORITY="many")
        self.assertEqual([lane["priority"] for lane in lanes], [0])
        self.assertRegex(err, r"^headway: HEADWAY_PRIORITY is not a number [^\n]*\n$")


class InterpreterLockTest(unittest.TestCase):
    """A held thread that owns Python's lock, when the thread that it is held for needs that lock.

    ctypes.PyDLL calls a function without letting go of the lock, as a careless extension does.
    """

    def setUp(self):
        self.c_api = _library.load()
        self.keeps_lock = ctypes.PyDLL(self.c_api._name)

    def hold_low(self, begin, max_hold_ms):
        """A high thread is busy until it sees that low is held. Returns low's counters."""
        high = headway.Lane(priority=10, device="cpu")
        low = headway.Lane(priority=1, device="cpu", max_hold_ms=max_hold_ms)

        def work():
            with low:
                begin()
                self.c_api.headway_end()

        with high:
            self.c_api.headway_begin()
            thread = threading.Thread(target=work)
            thread.start()
            while low.counters().held == 0:
                thread.join(0.001)
            self.c_api.headway_end()
            high.idle()
        thread.join()
        return low.counters()

    def test_a_thread_that_let_go_of_it_is_held_until_high_is_done(self):
        counters = self.hold_low(self.c_api.headway_begin, max_hold_ms=60_000)
        self.assertEqual((counters.held, counters.hold_timeouts), (1, 0))

    def test_a_thread_that_keeps_it_is_held_until_max_hold(self):
        # High sees nothing before the hold is over, so only the time limit can have ended it.
        counters = self.hold_low(self.keeps_lock.headway_begin, max_hold_ms=100)
        self.assertEqual((counters.held, counters.hold_timeouts), (1, 1))

    def test_a_thread_that_keeps_it_is_released_by_linger(self):
        high = headway.Lane(priority=10, device="cpu", linger_us=1_000_000)
        low = headway.Lane(priority=1, device="cpu", max_hold_ms=60_000)
        served = []
        go = threading.Event()
        # The waiting thread goes on only when this one lets go of the lock by itself: were it inside
        # high's work by then, it could not end that.
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(600)

        def serve():
            go.wait()
            with high:
                self.c_api.headway_begin()
                self.c_api.headway_end()
            served.append(low.counters().held)

        def work():
            with high:  # high's first request has just ended: it counts as busy for its linger
                self.c_api.headway_begin()
                self.c_api.headway_end()
            with low:
                go.set()
                self.keeps_lock.headway_begin()
                self.keeps_lock.headway_end()

        waiting = threading.Thread(target=serve)
        waiting.start()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        waiting.join()
        counters = low.counters()
        self.assertEqual((counters.held, counters.hold_timeouts, len(served)), (1, 0, 1))


if __name__ == "__main__":
    main()
