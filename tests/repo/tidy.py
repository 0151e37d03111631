#!/usr/bin/env python3
"""Fails on what no compiler looks at: long lines and files, tabs, unnumbered TODOs, foreign paths."""
import pathlib
import re
import subprocess
import sys

LINE_MAX = {".cc": 100, ".c": 100, ".h": 100, ".hpp": 100, ".py": 110, ".cmake": 110, ".js": 120}
LINES_MAX = 600
CODE = {".cc", ".c", ".h", ".hpp", ".py", ".cmake", ".js", ".sh", ".txt"}
SKIPPED_FOLDERS = {".git", "build", "dist", "corpus", "results", "__pycache__"}
BINARY = {".png", ".gz", ".ico"}

TODO = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")
CONFLICT = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
# Claims that a reader can't check do not belong in docs or messages.
BOAST = re.compile(r"\b(blazing|seamless|cutting-edge|world-class|game-chang|effortless)", re.IGNORECASE)
# A path that exists on one developer's machine only. Bare "/name" is left alone: it may be a route or a regex.
ABSOLUTE = re.compile(r"""(?:^|(?<=[\s"'(=`:,]))/([a-z_]+)/[\w.]""", re.MULTILINE)
SYSTEM_ROOTS = {"bin", "dev", "etc", "lib", "opt", "proc", "run", "sbin", "sys", "tmp", "usr", "var"}
THIS = pathlib.Path(__file__).name


def project_files(root):
    """Tracked files and files that git does not ignore; without git, all but the skipped folders."""
    git = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(git, capture_output=True, check=True).stdout.decode().split("\0")
        found = [root / name for name in names if name]
    except (OSError, subprocess.CalledProcessError):
        found = list(root.rglob("*"))
    for path in sorted(found):
        inside = path.relative_to(root).parts
        if path.is_file() and not SKIPPED_FOLDERS & set(inside) and path.suffix not in BINARY:
            yield path


def line_number(text, match):
    return text.count("\n", 0, match.start()) + 1


def check_text(name, text):
    """Checks that hold for every text file, docs included."""
    for pattern, problem in ((CONFLICT, "merge conflict"), (BOAST, "a boast, not a fact")):
        for match in pattern.finditer(text):
            yield f"{name}:{line_number(text, match)}: {problem}: {match[0].strip()}"
    if name.startswith("tests/"):
        return  # tests make up paths on purpose
    for match in ABSOLUTE.finditer(text):
        if match[1] not in SYSTEM_ROOTS:
            yield f"{name}:{line_number(text, match)}: a path of one machine: {match[0]}"


def check_code(name, suffix, text):
    lines = text.splitlines()
    if len(lines) > LINES_MAX:
        yield f"{name}: {len(lines)} lines, the limit is {LINES_MAX}"
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX.get(suffix, 120):
            yield f"{name}:{number}: {len(line)} columns, the limit is {LINE_MAX.get(suffix, 120)}"
        if "\t" in line:
            yield f"{name}:{number}: a tab"
        if line != line.rstrip():
            yield f"{name}:{number}: space at the end of the line"
        if TODO.search(line):
            yield f"{name}:{number}: work left over without an issue: write TODO(#12)"


def check(root):
    for path in project_files(root):
        name = str(path.relative_to(root))
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            yield f"{name}: not UTF-8 text; binary files need a place in this check"
            continue
        if path.name == THIS or path.name == "LICENSE":
            continue
        yield from check_text(name, text)
        if path.suffix in CODE or path.name == "dev":
            yield from check_code(name, path.suffix, text)


def main():
    problems = list(check(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(problems) or "tidy: nothing to mend")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
