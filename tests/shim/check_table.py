"""Compares driver_api.tbl with an installed CUDA toolkit or driver. Exit status 77: there is none.

check_table.py TABLE headers INCLUDE_DIR   versions and argument types against cuda*Typedefs.h
check_table.py TABLE exports LIBRARY...    exported functions of libcuda, stub or real
"""
import glob
import os
import re
import sys

from table_rows import check_hooks, kind_of, read_rows, report

# Functions that put work on a device: each of them must be in the table, with a hook.
WORK = re.compile(
    r"^cu(Launch(?!HostFunc)|GraphLaunch|Memcpy|Memset|MemPrefetch|MemDiscard|MemBatch)")

# How an argument of a C type travels, by the table's type words. Handles are pointers.
KINDS = {
    "CUstream": "Stream", "CUfunction": "Func", "CUgraphExec": "Func", "CUevent": "Event",
    "CUcontext": "Context", "CUarray": "Ptr", "CUgraph": "Ptr", "CUgreenCtx": "Ptr",
    "CUdeviceptr_v2": "DevPtr", "CUdeviceptr_v1": "DevPtr32", "CUmemLocation_v1": "Location",
    "size_t": "U64", "unsigned long long": "U64", "cuuint64_t": "U64", "unsigned int": "U32",
    "cuuint32_t": "U32", "CUstreamCaptureMode": "U32", "int": "I32", "CUdevice_v1": "I32",
    "CUdevice": "I32", "unsigned char": "U8", "unsigned short": "U16",
    "CUhostFn": "Ptr", "CUstreamCallback": "Ptr",
}
SAME_KIND = {"Bytes": "U64", "Bytes32": "U32"}


def read_typedefs(include_dir):
    functions = {}
    for path in glob.glob(os.path.join(include_dir, "cuda*Typedefs.h")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        pattern = r"typedef CUresult\s*\(CUDAAPI \*PFN_(cu\w+?)_v(\d+)(_pt[sd][sz])?\)\((.*?)\);"
        for name, version, form, arguments in re.findall(pattern, text, re.S):
            functions[name, int(version), form != ""] = re.sub(r"\s+", " ", arguments).strip()
    return functions


def check_headers(rows, include_dir):
    functions = read_typedefs(include_dir)
    if not functions:
        print(f"no function types in {include_dir}")
        return 77
    newest = max(version for _, version, _ in functions)
    problems = []
    known = {(row.base, row.version, row.per_thread) for row in rows}
    for key in sorted(functions.keys() - known):
        if not key[0].startswith("cuWGL"):  # Windows
            problems.append(f"{key[0]} of version {key[1]} is not in the table")
    for row in rows:
        arguments = functions.get((row.base, row.version, row.per_thread))
        if arguments is None:
            if 0 < row.version <= newest:
                problems.append(f"{row.symbol}: the toolkit has no form of version {row.version}")
            continue
        if row.shape == "None":
            continue
        expected = [] if arguments in ("", "void") else [kind_of(a, KINDS) for a in arguments.split(",")]
        if [SAME_KIND.get(t, t) for t in row.types] != expected:
            problems.append(f"{row.symbol}: {row.types}, but the toolkit says {expected}")
    print(f"{len(rows)} rows, {len(functions)} functions of the toolkit, newest {newest}")
    return report(problems)


def check_exports(rows, libraries):
    found, problems = check_hooks(rows, libraries, re.compile(r"cu[A-Z]"), WORK)
    if not found:
        print("no libcuda to look at")
        return 77
    return report(problems)


def main():
    rows = read_rows(sys.argv[1])
    if sys.argv[2] == "headers":
        return check_headers(rows, sys.argv[3])
    return check_exports(rows, sys.argv[3:])


if __name__ == "__main__":
    sys.exit(main())
