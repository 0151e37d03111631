"""What the shims do with each function, from their tables, as docs/compat-tables.md.

coverage.py           fails if the file is not what the tables say
coverage.py --write   writes it
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "shim"))
from table_rows import plain_name, read_rows  # noqa: E402

PAGE = ROOT / "docs" / "compat-tables.md"
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
    "Context": "observed", "Alloc": "", "Graph": "", "Callback": "", "Init": "observed",
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


def main():
    text = page()
    if "--write" in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        print(f"{PAGE.relative_to(ROOT)} is out of date: run tests/hip/coverage.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
