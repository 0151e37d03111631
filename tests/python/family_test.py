#!/usr/bin/env python3
"""Every way in which Python processes come from one another, scheduled for real on the CPU.

Each program runs natively and then under `headway run` beside a rival of higher priority. It has to
end in the same way, with the same results; and every one of its processes has to have a place of its
own on the board, and to have been gated there.
"""
import os
import unittest

from support import PROGRAMS, BoardTest, main

FAMILY = PROGRAMS / "family.py"
STATUS = "5"  # what each program is asked to end with


class FamilyTest(BoardTest):
    def check(self, way, processes, lanes=1):
        def run_natively():
            nonlocal native
            native = self.run_python(FAMILY, way, STATUS)
            self.assertEqual((native.status, native.err), (5, ""), native)

        native = None
        rival = self.start_rival(meanwhile=run_natively)
        scheduled = self.run_scheduled(1, FAMILY, way, STATUS)
        rival_counters = self.stop_rival(rival)
        self.assertEqual((scheduled.status, scheduled.err), (5, ""), scheduled)
        reports = scheduled.reports()
        self.assertEqual(len(reports), processes, scheduled)
        self.assertEqual(
            sorted((report["role"], report["sha256"]) for report in reports),
            sorted((report["role"], report["sha256"]) for report in native.reports()),
        )
        self.check_lanes(reports, lanes)
        self.assertEqual(rival_counters["held"], 0, "nobody outranks the rival")
        return reports

    def check_lanes(self, reports, lanes):
        self.assertEqual(len({report["pid"] for report in reports}), len(reports))
        for report in reports:
            self.assertGreaterEqual(len(report["lanes"]), 1, report)
            self.assertLessEqual(len(report["lanes"]), lanes, report)
            self.assertGreater(max(lane["counters"]["gated"] for lane in report["lanes"]), 0, report)
            for lane in report["lanes"]:
                self.assertEqual(lane["counters"]["bypassed"], 0, report)
                self.assertEqual(lane["counters"]["hold_timeouts"], 0, report)
        held = sum(lane["counters"]["held"] for report in reports for lane in report["lanes"])
        self.assertGreater(held, 0, "nobody had to wait for the rival")

    def test_fork_after_using_torch(self):
        self.check("fork_after", 2)

    def test_fork_before_using_torch(self):
        self.check("fork_before", 2)

    def test_fork_of_a_fork(self):
        self.check("fork_twice", 3)

    # It hung natively, without Headway, in a whole run on a loaded machine, and not only there: PyTorch
    # does not promise that a child of such a fork goes on.
    @unittest.skipUnless(os.environ.get("HEADWAY_STRESS"), "hangs natively now and then: HEADWAY_STRESS=1")
    def test_fork_while_another_thread_works(self):
        self.check("fork_beside_busy_thread", 6)

    def test_multiprocessing_fork(self):
        self.check("fork", 3)

    def test_multiprocessing_spawn(self):
        self.check("spawn", 3)

    def test_multiprocessing_forkserver(self):
        self.check("forkserver", 3)

    def test_pool_fork(self):
        self.check("pool_fork", 3)

    def test_pool_spawn(self):
        self.check("pool_spawn", 3)

    def test_subprocess(self):
        self.check("subprocess", 2)

    def test_torch_multiprocessing(self):
        self.check("torch_multiprocessing", 2)

    def test_torch_spawn(self):
        self.check("torch_spawn", 3)

    def test_data_loader_workers(self):
        self.check("data_loader", 3)

    def test_fork_in_the_lane_of_a_thread(self):
        reports = self.check_with_package("fork_in_lane")
        for report in reports:
            lane = next(lane for lane in report["lanes"] if lane["name"] == "thread")
            self.assertEqual(lane["priority"], 2, report)
            self.assertGreater(lane["counters"]["gated"], 0, report)

    def test_lane_of_its_own_after_a_fork(self):
        reports = self.check_with_package("lane_after_fork")
        child = next(report for report in reports if report["role"] == "child")
        lane = next(lane for lane in child["lanes"] if lane["name"] == "own")
        self.assertEqual(lane["priority"], 3)
        self.assertGreater(lane["counters"]["gated"], 0)

    def check_with_package(self, way):
        """As check(), for a program that can't run natively without the package."""
        self.env["PYTHONPATH"] = str(PROGRAMS.parents[2] / "python")
        self.env["HEADWAY_LIBRARY"] = os.environ["HEADWAY_LIBRARY"]
        return self.check(way, 2, lanes=2)


if __name__ == "__main__":
    main(needs_torch=True)
