"""What the shims do with each function, from their tables: docs/compat-tables.md, and in docs/compat.md
how many of HIP's functions have a hook.

coverage.py           fails if the files are not what the tables say
coverage.py --write   writes them
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "shim"))
from table_rows import plain_name, read_rows  # noqa: E402

PAGE = ROOT / "docs" / "compat-tables.md"
COMPAT = ROOT / "docs" / "compat.md"
BEGIN, END = "<!-- coverage:begin -->", "<!-- coverage:end -->"
HEADER_VERSION = 502  # Debian 12's headers and library, which check_table.py compares the table with
HEAD = """# Every function, by what is done with it

Written by `tests/hip/coverage.py --write` from the two tables in `src/shim`; a test fails if it is
out of date. [compat.md](compat.md) says what gated and observed mean. A name stands for all forms of
the function: {forms}.
"""
FORMS = "`_v2` to `_v4`, `_ptsz` and `_ptds` of CUDA, `_spt` of HIP"
# In the order of CallClass (entries.h): what happens to the hooked functions of a class.
CLASSES = {
    "Launch": "gated", "GraphLaunch": "gated", "Copy": "gated", "Memset": "gated", "Prefetch": "gated",
    "Sync": "observed", "Event": "observed", "Stream": "observed", "Capture": "observed",
    "Context": "observed", "Alloc": "", "Graph": "", "Callback": "observed", "Init": "observed",
    "LookUp": "answered", "Pass": "", "Plain": "",
}


def base_names(rows):
    """The rows' names without the forms, each once, in the table's order."""
    return list(dict.fromkeys(re.sub(r"_v\d$", "", plain_name(row.base)) for row in rows))


def line_of(call_class, rows):
    hooked = [row for row in rows if row.shape != "None"]
    names = base_names(hooked)
    rest = [name for name in base_names(rows) if name not in names]
    listed = " ".join(rest) if call_class != "Pass" else "all others"
    return (f"| {call_class} | {len(rows)} | {len(hooked)} | "
            f"{CLASSES[call_class] if hooked else ''} | {' '.join(names)} | {listed} |")


def section(title, rows):
    hooked = sum(row.shape != "None" for row in rows)
    yield f"\n## {title}\n"
    yield f"{len(rows)} symbols, {hooked} of them with a hook.\n"
    yield "| class | symbols | hooked | these are | hooked functions | passed on untouched |"
    yield "|---|--:|--:|---|---|---|"
    for call_class in CLASSES:
        own = [row for row in rows if row.call_class == call_class]
        if own:
            yield line_of(call_class, own)


def page():
    lines = [HEAD.format(forms=FORMS).rstrip("\n")]
    for title, folder in (("CUDA", "cuda"), ("HIP", "hip")):
        table, = (ROOT / "src" / "shim" / folder).rglob("driver_api.tbl")
        rows = read_rows(table)
        unknown = {row.call_class for row in rows} - CLASSES.keys()
        if unknown:
            raise SystemExit(f"{table}: unknown classes {unknown}")
        lines += section(title, rows)
    return "\n".join(lines) + "\n"


def count(rows):
    return f"{len(rows)} | {sum(row.shape != 'None' for row in rows)}"


def summary(rows):
    """HIP's classes by number, for compat.md."""
    yield "| class | in HIP 5.2 | hooked | up to 7.18 | hooked | these are |"
    yield "|---|--:|--:|--:|--:|---|"
    for call_class, what in CLASSES.items():
        own = [row for row in rows if row.call_class == call_class]
        if own:
            old = [row for row in own if 0 < row.version <= HEADER_VERSION]
            yield f"| {call_class} | {count(old)} | {count(own)} | {what or 'passed on'} |"


def compat():
    """docs/compat.md with the summary between its markers."""
    before, _, rest = COMPAT.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"{COMPAT.relative_to(ROOT)} has no {BEGIN} ... {END}")
    rows = read_rows(ROOT / "src" / "shim" / "hip" / "api" / "driver_api.tbl")
    return "\n".join([before + BEGIN, *summary(rows), END + after])


def main():
    for path, text in ((PAGE, page()), (COMPAT, compat())):
        if "--write" in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)} is out of date: run tests/hip/coverage.py --write")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
