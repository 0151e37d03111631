"""What the Python tests share. They need python3's standard library; some also need PyTorch.

Environment: HEADWAY_CLI and HEADWAY_LIBRARY, paths of what was built.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

CLI = os.environ["HEADWAY_CLI"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"
TIMEOUT_S = 300
SKIPPED = 77


class Finished:
    """How a program ended, and what it said."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err

    def reports(self):
        """The JSON lines that it printed."""
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    def __repr__(self):
        return f"status {self.status}\n--- output\n{self.out}\n--- errors\n{self.err}"


class BoardTest(unittest.TestCase):
    """A test whose programs meet on boards of their own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="headway-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        boards = self.folder / "boards"
        boards.mkdir(mode=0o700)
        self.env = {
            name: value for name, value in os.environ.items()
            if not name.startswith("HEADWAY_") and name not in ("PYTHONPATH", "LD_PRELOAD")
        }
        self.env.update(
            HEADWAY_BOARD_DIR=str(boards),
            HEADWAY_CLI=CLI,
            HEADWAY_TORCH="1",  # also on a machine with a GPU
            OMP_NUM_THREADS="1",
            PYTHONDONTWRITEBYTECODE="1",
        )

    def start(self, *command, **more):
        """Starts a program in a process group of its own, which ends with the test."""
        env = {**self.env, **more.pop("env", {})}
        process = subprocess.Popen(
            [str(word) for word in command],
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True, **more,
        )
        self.addCleanup(end_group, process)
        return process

    def run_program(self, *command, **more):
        process = self.start(*command, **more)
        try:
            out, err = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            end_group(process)
            out, err = process.communicate()
            self.fail(f"hangs: {' '.join(map(str, command))}\n{out}\n{err}")
        return Finished(process.returncode, out, err)

    def run_python(self, *arguments, **more):
        return self.run_program(sys.executable, *arguments, **more)

    def run_scheduled(self, priority, *arguments, **more):
        return self.run_program(
            CLI, "run", "--priority", priority, "--", sys.executable, *arguments, **more
        )

    def start_rival(self, priority=10, meanwhile=lambda: None):
        """A process that is busy for 20 ms of every 40 ms, until it or the test ends.

        It takes seconds to import PyTorch: `meanwhile` is called in them.
        """
        rival = self.start(
            CLI, "run", "--priority", priority, "--name", "rival", "--",
            sys.executable, PROGRAMS / "rival.py",
        )
        meanwhile()
        line = rival.stdout.readline()
        if line != "ready\n":
            self.fail(f"the rival does not start: {rival.communicate()}")
        return rival

    def stop_rival(self, rival):
        out, err = rival.communicate("", timeout=TIMEOUT_S)
        self.assertEqual((rival.returncode, err), (0, ""))
        return json.loads(out)


def end_group(process):
    """Ends a process and whatever it started; no test leaves anything behind."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    if process.poll() is None:
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def lanes_of(pid):
    """The lanes of a process, as `headway status` shows them."""
    output = subprocess.run([CLI, "status", "--json"], stdout=subprocess.PIPE, check=True).stdout
    boards = json.loads(output)["boards"]
    return [lane for board in boards for lane in board.get("lanes", ()) if lane["pid"] == pid]


def main(needs_torch=False):
    if needs_torch:
        try:
            import torch  # noqa: F401
        except ImportError:
            print(f"skipped: {sys.executable} has no torch (Debian: python3-torch)")
            sys.exit(SKIPPED)
    unittest.main(verbosity=2)
