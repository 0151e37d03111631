"""Reads the shims' tables (driver_api.tbl of CUDA and of HIP), and what their checks have in common."""
import os
import re
import subprocess
from dataclasses import dataclass

# The forms for the per-thread default stream: CUDA's and HIP's.
PER_THREAD = re.compile(r"_(pt[sd][sz]|spt)$")


@dataclass
class Row:
    symbol: str
    version: int
    call_class: str
    shape: str
    types: list

    @property
    def per_thread(self):
        return PER_THREAD.search(self.symbol) is not None

    @property
    def base(self):
        """The name that a program looks up; only CUDA has several versions under one name."""
        plain = PER_THREAD.sub("", self.symbol)
        return re.sub(r"_v\d$", "", plain) if plain.startswith("cu") else plain


def read_rows(path):
    with open(path, encoding="utf-8") as file:
        text = "\n".join(line for line in file.read().splitlines() if not line.startswith("//"))
    rows = []
    for match in re.finditer(r"^API\((.*?)\)", text, re.S | re.M):
        symbol, version, call_class, shape, *types = [part.strip() for part in match[1].split(",")]
        rows.append(Row(symbol, int(version), call_class, shape, types))
    return rows


def plain_name(symbol):
    """Without C++'s decoration, as far as the table needs it: a length and then the name."""
    match = re.match(r"_Z(\d+)", symbol)
    return symbol[match.end():match.end() + int(match[1])] if match else symbol


def kind_of(argument, kinds):
    """How an argument, as a header declares it, travels; `kinds` has the type words of C types."""
    argument = re.sub(r"\b(const|struct|enum)\b", "", argument)
    if "*" in argument:
        return "Ptr"
    words = argument.split()
    # The last word is the argument's name, unless it has none.
    for type_name in (" ".join(words), " ".join(words[:-1])):
        if type_name in kinds:
            return kinds[type_name]
    return f"unknown type in '{argument.strip()}'"


def exports_of(library):
    """The functions that a library exports, each with the node of its symbol version, or ''."""
    output = subprocess.run(["nm", "-D", "--defined-only", library],
                            capture_output=True, text=True, check=True).stdout
    exports = {}
    for line in output.splitlines():
        *_, kind, name = line.split()
        if kind in "TW":
            symbol, _, node = name.partition("@")
            exports[symbol] = node.lstrip("@")
    return exports


def check_hooks(rows, libraries, function, work):
    """Prints a line for each library that is there; returns them with what they export, and problems:
    functions that put work on a device (`work`) and have no hook. `function`: the API's names."""
    hooked = {row.symbol for row in rows if row.shape != "None"}
    known = {row.symbol for row in rows}
    found, problems = {}, []
    for library in sorted({os.path.realpath(path) for path in libraries if os.path.exists(path)}):
        exports = {name: node for name, node in exports_of(library).items() if function.match(name)}
        problems += [f"{library}: {name} puts work on the device and has no hook"
                     for name in sorted(exports) if work.match(name) and name not in hooked]
        unknown = sorted(exports.keys() - known)
        print(f"{library}: {len(exports)} functions; not in the table: {' '.join(unknown) or 'none'}")
        found[library] = exports
    return found, problems


def report(problems):
    for problem in problems:
        print(problem)
    return 1 if problems else 0
