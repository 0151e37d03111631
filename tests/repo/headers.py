#!/usr/bin/env python3
"""Checks that every header compiles alone: the public ones as C11 and C++20, those of src/ and bench/
as C++20. A header that a file of the build includes before anything else has compiled alone already.

usage: headers.py ROOT BUILD C_COMPILER CXX_COMPILER
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
FIRST_LINE_OF_CODE = re.compile(r"^(?!\s*$|//)(.*)$", re.MULTILINE)


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


def first_include(source):
    """The header, as it is written there, that C++ text includes before anything else, or ''."""
    first = FIRST_LINE_OF_CODE.search(source)
    include = re.match(r'#include "([^"]+)"', first[1]) if first else None
    return include[1] if include else ""


def compiled_first(build):
    """The headers that the files of the build include before anything else."""
    commands = json.loads((build / "compile_commands.json").read_text())
    files = {pathlib.Path(command["directory"], command["file"]) for command in commands}
    return {first_include(file.read_text()) for file in files if file.suffix == ".cc"}


def jobs(root, build, c_compiler, cxx_compiler):
    """One tuple of arguments for compile_alone() per header and language that is still to check."""
    public = root / "include"
    inside = [public, root / "src", root, build / "generated"]
    for header in sorted(public.rglob("*.h*")):
        name = header.relative_to(public)
        if header.suffix == ".h":
            yield c_compiler, "c", "c11", name, [public]
        yield cxx_compiler, "c++", "c++20", name, [public]
    known = compiled_first(build)
    for top in (root / "src", root / "bench"):
        for header in sorted(top.rglob("*.h")):
            name = header.relative_to(root / "src" if top.name == "src" else root)
            if str(name) not in known:
                for folders in gpu_apis(root, header):
                    yield cxx_compiler, "c++", "c++20", name, inside + folders


def main():
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    work = list(jobs(root, build, *sys.argv[3:5]))
    # The compilers run in processes of their own, so threads are enough to use all cores.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = list(filter(None, pool.map(lambda job: compile_alone(*job), work)))
    print("\n".join(problems) or f"headers: {len(work)} compiled alone")
    return 1 if problems or not work else 0


if __name__ == "__main__":
    sys.exit(main())
