#!/usr/bin/env python3
"""Fails when docs/evaluation*, its plots or README.zh.md are older than bench/results.

usage: evaluation.py ROOT text|plots

text: the Markdown, and that each plot carries the digest of its data; needs the standard library only.
plots: draws the plots and makes the HTML pages for real; skipped without matplotlib and markdown.
"""
import importlib.util
import pathlib
import re
import subprocess
import sys
import tempfile

SKIPPED = 77
ROW = re.compile(r"^\| (?:high-alone|low-alone|native|headway|\[[^]]*\]\([^)]*\)) \|.*$", re.MULTILINE)
MARKED = re.compile(r"data sha256 [0-9a-f]{64}")


def run(root, out, *options):
    command = [sys.executable, "-B", str(root / "bench" / "evaluation"), "--out", str(out), *options]
    return subprocess.run(command, check=True)


def check_text(root, out):
    run(root, out, "--only", "markdown")
    for made in sorted(path for path in out.rglob("*") if path.is_file()):
        name = made.relative_to(out)
        there = root / name
        if not there.exists() or there.read_bytes() != made.read_bytes():
            yield f"{name} is older than bench/results or its texts"
    yield from check_stamps(root)
    rows = [result_rows(root / name) for name in ("README.md", "README.zh.md")]
    if rows[0] != rows[1]:
        yield "README.md and README.zh.md differ in the numbers of their results"
    shapes = [shape(root / name) for name in ("README.md", "README.zh.md")]
    if shapes[0] != shapes[1]:
        yield f"README.md and README.zh.md differ in headings, table rows, items, code blocks: {shapes}"


def result_rows(file):
    """The rows of its results that have numbers; they are the same in both languages."""
    return ROW.findall(file.read_text(encoding="utf-8"))


def shape(file):
    """How much of each kind a README has outside its results: its translation has as much."""
    whole = file.read_text(encoding="utf-8")
    text = re.sub(r"<!-- results:begin.*results:end -->", "", whole, flags=re.DOTALL)
    return [len(re.findall(mark, text, re.MULTILINE)) for mark in ("^#+ ", r"^\|", "^- ", "^```")]


def check_stamps(root):
    sys.path.insert(0, str(root / "bench" / "evaluation"))
    import catalogue  # pylint: disable=import-outside-toplevel,import-error
    import plotdata  # pylint: disable=import-outside-toplevel,import-error
    folder = root / "docs" / "evaluation"
    wanted = {f"{one['name']}.svg": plotdata.stamp(one)
              for one in plotdata.all_figures(catalogue.load_devices(root))}
    for name, stamp in wanted.items():
        file = folder / name
        found = MARKED.search(file.read_text(encoding="utf-8")) if file.exists() else None
        if not found or found[0] != stamp:
            yield f"docs/evaluation/{name} is older than bench/results"
    for file in folder.glob("*"):
        if file.name not in wanted:
            yield f"docs/evaluation/{file.name} belongs to no result"


def check_plots(root, out):
    """That all is made, the same twice, and the pages need no other file."""
    first, second = out / "first", out / "second"
    for folder in (first, second):
        run(root, folder)
    made = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    if not any(path.suffix == ".svg" for path in made):
        yield "no plot was made"
    for name in made:
        if (first / name).read_bytes() != (second / name).read_bytes():
            yield f"{name} differs from one run to the next"
        text = (first / name).read_text(encoding="utf-8")
        if name.suffix == ".html" and re.search(r'src="(?!data:)', text):
            yield f"{name} refers to another file"
    if sum(path.suffix == ".html" for path in made) != 2:
        yield "a page in HTML is missing"


def main():
    if sys.version_info < (3, 11):
        print("Python 3.11 is needed")
        return SKIPPED
    root, part = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    missing = [name for name in ("matplotlib", "markdown") if importlib.util.find_spec(name) is None]
    if part == "plots" and missing:
        packages = " and ".join(f"python3-{name}" for name in missing)
        print(f"{sys.executable} has no {' and no '.join(missing)}; on Debian install {packages}")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        check = check_text if part == "text" else check_plots
        problems = list(check(root, pathlib.Path(folder)))
    for problem in problems:
        print(f"{problem}; run ./dev evaluation")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
