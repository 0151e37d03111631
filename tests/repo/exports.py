#!/usr/bin/env python3
"""Compares what a shared library exports with a checked-in list: the list is the promise to callers.

usage: exports.py LIBRARY LIST
"""
import subprocess
import sys


def exported(library):
    """The names of the library's defined dynamic symbols, without their versions."""
    command = ["nm", "--dynamic", "--defined-only", "--format=posix", library]
    listing = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return {line.split()[0].split("@")[0] for line in listing.splitlines()}


def main():
    library, promise = sys.argv[1:3]
    with open(promise, encoding="utf-8") as file:
        expected = {line.strip() for line in file if line.strip() and not line.startswith("#")}
    # A version script also defines one absolute symbol per version, named like the version.
    found = {name for name in exported(library) if not name.startswith("HEADWAY_")}
    for name in sorted(found - expected):
        print(f"exported, but not in {promise}: {name}")
    for name in sorted(expected - found):
        print(f"in {promise}, but not exported: {name}")
    return 0 if found == expected else 1


if __name__ == "__main__":
    sys.exit(main())
