#!/usr/bin/env python3
"""The examples of examples/python, short: they measure, and `headway report` reads what they write."""
import json
import sys

from support import CLI, ROOT, BoardTest, main

EXAMPLES = ROOT / "examples" / "python"


class ExamplesTest(BoardTest):
    def check(self, script, benchmark):
        result = self.folder / "result.json"
        finished = self.run_python(
            EXAMPLES / script, "--headway", CLI, "--repeats", 1, "--duration", 3, "--warm-up", 0.5,
            "--json", result,
        )
        self.assertEqual(finished.status, 0, finished)
        written = json.loads(result.read_text())
        self.assertEqual((written["benchmark"], written["partial"]), (benchmark, False))
        self.assertEqual(
            {entry["name"] for entry in written["scenarios"]},
            {"high-alone", "low-alone", "native", "headway"},
        )
        # Equal outputs in all scenarios, and low was held at least once.
        self.assertTrue(written["verdict"]["minimum"]["met"], written["verdict"])
        report = self.run_program(CLI, "report", result)
        self.assertEqual((report.status, report.err), (0, ""), report)
        self.assertIn("P99 latency of ResNet-18 beside ResNet-50", report.out)

    def test_threads(self):
        self.check("two_models_threads.py", "python-threads")

    def test_processes(self):
        self.check("two_models_processes.py", "python-processes")

    def test_what_is_measured_outlives_an_early_end(self):
        result = self.folder / "result.json"
        example = self.start(
            sys.executable, EXAMPLES / "two_models_processes.py", "--headway", CLI, "--duration", 1,
            "--warm-up", 0.5, "--scenarios", "low-alone", "--json", result,
        )
        while not (line := example.stderr.readline()).startswith("[1/3] low-alone: low "):
            self.assertTrue(line, "ended before the first run had")
        example.terminate()
        out, err = example.communicate()
        self.assertEqual(example.returncode, 1, err)
        self.assertIn("stopped: KeyboardInterrupt\n", err, out)
        written = json.loads(result.read_text())
        self.assertEqual((written["partial"], len(written["scenarios"])), (True, 1))

    def test_bad_arguments_are_named(self):
        for arguments in (["--scenarios", "nonsense"], ["--headway", ""], ["--no-such-option"]):
            finished = self.run_python(EXAMPLES / "two_models_threads.py", *arguments)
            self.assertEqual(finished.status, 2, finished)
            self.assertNotIn("Traceback", finished.err)

    def test_help(self):
        for script in ("two_models_threads.py", "two_models_processes.py"):
            finished = self.run_python(EXAMPLES / script, "--help")
            self.assertEqual((finished.status, finished.err), (0, ""))
            self.assertIn("--scenarios", finished.out)


if __name__ == "__main__":
    main(needs_torch=True)
