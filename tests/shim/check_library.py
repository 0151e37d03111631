"""Checks what a shim exports and what it asks of the system.

check_library.py TABLE LIBRARY SONAME KIND
"""
import re
import subprocess
import sys

from table_rows import read_rows

GLIBC_NEWEST = (2, 28)
MAY_NEED = {"libc.so.6", "libdl.so.2", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
OTHER_EXPORTS = {"dlopen", "dlmopen"}
# Rows of the table by which a program reaches the API. Others are there for who looks them up in a handle.
API_SYMBOL = re.compile(r"cu[A-Z]|(__)?hip|_Z.*hip")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main():
    table, library, soname, kind = sys.argv[1:]
    problems = []

    lines = run("nm", "-D", "--defined-only", library).splitlines()
    exports = {line.split()[-1] for line in lines}
    wanted = {row.symbol for row in read_rows(table) if API_SYMBOL.match(row.symbol)}
    wanted |= OTHER_EXPORTS | {f"headway_{kind}_shim", f"headway_{kind}_api"}
    problems += [f"exports {name}, which is not its business" for name in sorted(exports - wanted)]
    problems += [f"does not export {name}" for name in sorted(wanted - exports)]

    imports = run("objdump", "-T", library)
    for name, major, minor in re.findall(r"\(?GLIBC_((\d+)\.(\d+)[.\d]*)", imports):
        if (int(major), int(minor)) > GLIBC_NEWEST:
            problems.append(f"needs glibc {name}")

    dynamic = run("readelf", "-dW", library)
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
    problems += [f"needs {name}" for name in sorted(needed - MAY_NEED)]
    if f"[{soname}]" not in dynamic:
        problems.append(f"is not named {soname}")
    for unwanted in ("TEXTREL", "RPATH", "RUNPATH", "VERDEF"):
        if f"({unwanted})" in dynamic:
            problems.append(f"has {unwanted}")
    # The compiler's own frame_dummy, and nothing of ours: loading the library runs no code of it.
    if size := re.search(r"\(INIT_ARRAYSZ\)\s+(\d+)", dynamic):
        if int(size[1]) > 8:
            problems.append(f"has {int(size[1]) // 8} constructors")

    print(f"{library}: {len(exports)} exports, needs {' '.join(sorted(needed))}")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
