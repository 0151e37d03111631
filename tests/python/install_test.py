#!/usr/bin/env python3
"""The package installs with pip, offline, and works from where pip put it."""
import importlib.util
import os
import pathlib
import shutil
import sys

from support import ROOT, SKIPPED, BoardTest, main


class InstallTest(BoardTest):
    def test_pip_installs_it_without_a_network(self):
        source = self.folder / "python"  # setuptools writes into the folder that it builds from
        shutil.copytree(ROOT / "python", source, ignore=shutil.ignore_patterns("__pycache__"))
        target = self.folder / "site"
        installed = self.run_python(
            "-m", "pip", "install", "--no-index", "--no-build-isolation", "--no-deps",
            "--target", target, source,
        )
        self.assertEqual(installed.status, 0, installed)
        self.assertTrue((target / "headway" / "py.typed").exists())
        env = {"PYTHONPATH": str(target), "HEADWAY_LIBRARY": os.environ["HEADWAY_LIBRARY"]}
        program = "import headway; print(headway.__file__); headway.Lane(device='cpu')"
        finished = self.run_python("-c", program, env=env)
        self.assertEqual((finished.status, finished.err), (0, ""), finished)
        self.assertEqual(pathlib.Path(finished.out.strip()).parents[1], target)


if __name__ == "__main__":
    for module in ("pip", "setuptools"):
        if importlib.util.find_spec(module) is None:
            print(f"skipped: {sys.executable} has no {module}")
            sys.exit(SKIPPED)
    main()
