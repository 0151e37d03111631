"""Compares HIP's driver_api.tbl with installed headers or libraries. Exit status 77: there are none.

check_table.py TABLE headers INCLUDE_DIR COMPILER   names and argument types against HIP's headers
check_table.py TABLE exports LIBRARY...             exported functions of libamdhip64
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "shim"))
from table_rows import check_hooks, kind_of, plain_name, read_rows, report  # noqa: E402

# Functions that put work on a device: each of them must be in the table, with a hook.
WORK = re.compile(r"^(_Z\d+)?hip(Drv|Ext|Hcc)?(Module)?"
                  r"(Launch(?!HostFunc)|GraphLaunch|Memcpy|Memset|MemPrefetch|MemDiscard)")
# The library's functions: those in C++'s own spelling too.
FUNCTION = re.compile(r"(_Z\w*|__)?hip([A-Z]|rtc[A-Z])|_Z|__gnu_|amd_dbgapi_")

# How an argument of a C type travels, by the table's type words. Handles are pointers.
KINDS = {
    "hipStream_t": "Stream", "hipFunction_t": "Func", "hipGraphExec_t": "Func",
    "hipEvent_t": "Event", "hipCtx_t": "Context", "hipExecutionCtx_t": "Context",
    "hipDeviceptr_t": "Ptr", "hipArray_t": "Ptr", "hipArray_const_t": "Ptr", "hipGraph_t": "Ptr",
    "dim3": "Dim3", "hipPitchedPtr": "Pitched", "hipExtent": "Extent", "hipMemLocation": "Location",
    "size_t": "U64", "uint64_t": "U64", "unsigned long long": "U64", "unsigned int": "U32",
    "unsigned": "U32", "uint32_t": "U32", "hipMemcpyKind": "U32", "hipStreamCaptureMode": "U32",
    "int": "I32", "hipDevice_t": "I32", "unsigned char": "U8", "unsigned short": "U16",
    "hipHostFn_t": "Ptr", "hipStreamCallback_t": "Ptr",
}
SAME_KIND = {"Bytes": "U64"}

PROTOTYPE = re.compile(r"([A-Za-z_][\w\s*]*?)\b((?:__)?hip[A-Z]\w*)\s*\(([^(){};]*)\)\s*;")
ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)|\bextern\b(\s*\"C\")?")
DEFAULT = re.compile(r"\s*=\s*[^,]+")


def prototypes_in(text):
    """Each declared function's result type and arguments, by its name."""
    functions = {}
    for result, name, arguments in PROTOTYPE.findall(ATTRIBUTE.sub("", text)):
        words = result.split()
        if words and words[0] not in ("return", "typedef", "else"):
            functions[name] = words[-1], DEFAULT.sub("", " ".join(arguments.split()))
    return functions


def read_prototypes(include_dir, compiler):
    # As C: only functions with C linkage are left, without the C++ wrappers over them.
    command = [compiler, "-E", "-P", "-x", "c", "-D__HIP_PLATFORM_AMD__", f"-I{include_dir}", "-"]
    output = subprocess.run(command, input="#include <hip/hip_runtime_api.h>\n", text=True,
                            capture_output=True, check=True).stdout
    # hip_ext.h is for C++ only, so its text is read as it stands.
    with open(os.path.join(include_dir, "hip", "hip_ext.h"), encoding="utf-8") as file:
        extensions = re.sub(r"//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*", "", file.read(), flags=re.S | re.M)
    return prototypes_in(output) | {
        name: what for name, what in prototypes_in(extensions).items() if what[0] == "hipError_t"}


def same(row, table_type, header_type):
    """Whether the table's type word stands for what the header says."""
    if header_type == "Ptr" and table_type == "Func":
        return row.call_class == "Launch"  # a kernel of the program, by its address
    return SAME_KIND.get(table_type, table_type) == header_type


def check_row(row, result, arguments):
    if row.shape == "None":
        return None
    if result != "hipError_t":
        return f"{row.symbol}: has a hook, and returns {result}"
    expected = []
    if arguments not in ("", "void"):
        expected = [kind_of(argument, KINDS) for argument in arguments.split(",")]
    alike = len(expected) == len(row.types) and all(map(same, [row] * len(expected), row.types, expected))
    return None if alike else f"{row.symbol}: {row.types}, but the headers say {expected}"


def check_headers(rows, include_dir, compiler):
    if not os.path.exists(os.path.join(include_dir, "hip", "hip_runtime_api.h")):
        print(f"no HIP headers in {include_dir}")
        return 77
    functions = read_prototypes(include_dir, compiler)
    known = {row.symbol for row in rows}
    problems = [f"{name} is not in the table" for name in sorted(functions.keys() - known)]
    typed = [row for row in rows if plain_name(row.symbol) in functions]
    problems += filter(None, (check_row(row, *functions[plain_name(row.symbol)]) for row in typed))
    hooks = sum(row.shape != "None" for row in typed)
    print(f"{len(rows)} rows; {len(functions)} functions in the headers, {hooks} rows of them with types")
    return report(problems if functions else ["found no function in the headers"])


def node_of(row):
    """The node of the library's version map that a row's symbol is in."""
    return f"hip_{row.version // 100}.{row.version % 100}" if row.version else "hip_profiler_ext"


def check_exports(rows, libraries):
    found, problems = check_hooks(rows, libraries, FUNCTION, WORK)
    if not found:
        print("no libamdhip64 to look at")
        return 77
    # The shim has each symbol in the node that the table says, and a program that was linked to the
    # library asks for it there.
    for library, exports in found.items():
        for row in rows:
            node = exports.get(row.symbol, "")
            if node and node != node_of(row):
                problems.append(f"{library}: {row.symbol} is in {node}, the table says {node_of(row)}")
    return report(problems)


def main():
    rows = read_rows(sys.argv[1])
    problems = [f"{after.symbol} stands after {before.symbol}"
                for before, after in zip(rows, rows[1:]) if before.symbol >= after.symbol]
    if problems:
        return report(problems)
    if sys.argv[2] == "headers":
        return check_headers(rows, *sys.argv[3:5])
    return check_exports(rows, sys.argv[3:])


if __name__ == "__main__":
    sys.exit(main())
