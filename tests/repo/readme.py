#!/usr/bin/env python3
"""Fails when the table in README.md is not what `headway report` makes of bench/results.

usage: readme.py ROOT CMAKE HEADWAY
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    cmake, headway = sys.argv[2:4]
    if not list((root / "bench" / "results").glob("*/*.json")):
        print("no result files yet: nothing to compare")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "README.md"
        shutil.copy(root / "README.md", copy)
        command = [cmake, f"-DHEADWAY={headway}", f"-DREADME={copy}", "-P", "cmake/UpdateReadme.cmake"]
        subprocess.run(command, cwd=root, check=True)
        if copy.read_text() != (root / "README.md").read_text():
            print("README.md is older than bench/results; run ./dev readme")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
