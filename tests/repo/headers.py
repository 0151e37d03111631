#!/usr/bin/env python3
"""Compiles every header alone: the public ones as C11 and C++20, those of src/ as C++20.

usage: headers.py ROOT BUILD C_COMPILER CXX_COMPILER
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
# These include LibTorch, whose headers alone take 20 s; the libraries that use them compile them anyway.
HEAVY = "#include <torch/"


def compile_alone(compiler, language, standard, header, folders):
    """Returns the compiler's complaint about `header` as the only include of a file, or ''."""
    command = [compiler, "-x", language, f"-std={standard}", "-fsyntax-only", "-D_GNU_SOURCE", *WARNINGS]
    command += [f"-I{folder}" for folder in folders] + ["-"]
    done = subprocess.run(command, input=f'#include "{header}"\n', text=True, capture_output=True)
    return "" if done.returncode == 0 else f"{header} as {standard}:\n{done.stderr}"


def gpu_apis(root, header):
    """The further include folders with which a header is compiled: those of the shims' shared code once
    with each API's, a shim's own with its own."""
    shims = root / "src" / "shim"
    if shims / "gpu" in header.parents:
        return [[folder] for folder in sorted(shims.glob("*/api"))]
    return [[folder for folder in shims.glob("*/api") if folder.parent in header.parents]]


def jobs(root, build, c_compiler, cxx_compiler):
    """One tuple of arguments for compile_alone() per header and language."""
    public = root / "include"
    inside = [public, root / "src", root, build / "generated"]
    for header in sorted(public.rglob("*.h*")):
        name = header.relative_to(public)
        if header.suffix == ".h":
            yield c_compiler, "c", "c11", name, [public]
        yield cxx_compiler, "c++", "c++20", name, [public]
    for top in (root / "src", root / "bench"):
        for header in sorted(top.rglob("*.h")):
            if HEAVY not in header.read_text():
                name = header.relative_to(root / "src" if top.name == "src" else root)
                for folders in gpu_apis(root, header):
                    yield cxx_compiler, "c++", "c++20", name, inside + folders


def main():
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    work = list(jobs(root, build, *sys.argv[3:5]))
    # The compilers run in processes of their own, so threads are enough to use all cores.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = list(filter(None, pool.map(lambda job: compile_alone(*job), work)))
    print("\n".join(problems) or f"headers: {len(work)} compile alone")
    return 1 if problems or not work else 0


if __name__ == "__main__":
    sys.exit(main())
