#!/usr/bin/env python3
"""Fails on an #include, or a linked library, that points upward between the folders of src/ and bench/."""
import pathlib
import re
import sys

# What each folder may use besides itself. A new folder must be entered here, on purpose.
BASE = {"base"}
CORE = BASE | {"policy", "board", "device"}
ALLOWED = {
    "base": set(),
    "policy": set(),
    "board": BASE,
    "device": BASE,
    "gate": CORE,
    "capi": CORE | {"gate"},
    "shim/torch": set(),
    "shim/gpu": CORE | {"gate", "capi"},
    "shim/cuda": CORE | {"gate", "capi", "shim/gpu"},
    "shim/hip": CORE | {"gate", "capi", "shim/gpu"},
    "shim/opencl": CORE | {"gate", "capi", "shim/gpu"},
    "report": BASE,
    "cli": CORE | {"gate", "capi", "report"},
    "bench": CORE | {"gate", "capi", "report"},
}
PUBLIC_HEADERS = "headway"
# These see the public headers; everything below them is what the public headers stand on.
USES_PUBLIC = {"capi", "shim/torch", "shim/gpu", "shim/cuda", "shim/hip", "shim/opencl", "cli", "bench"}
# The policies are pure: no clock, no threads, no input or output.
POLICY_STANDARD = {
    "algorithm", "array", "bit", "compare", "concepts", "cstddef", "cstdint", "cstring", "limits", "numeric",
    "optional", "span", "string_view", "tuple", "type_traits", "utility",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
SOURCES = {".h", ".hpp", ".cc", ".c"}


def folder_of(path, root):
    """The layer that a file belongs to: a folder of src/ (or one in it, if listed), or 'bench'."""
    parts = path.relative_to(root).parts
    if parts[0] != "src" or len(parts) < 3:
        return parts[0]
    return "/".join(parts[1:3]) if "/".join(parts[1:3]) in ALLOWED else parts[1]


def check_include(layer, bracket, target):
    """Returns what is wrong with one #include of a file in `layer`, or None."""
    head = target.split("/")[0]
    if "/" in target and head == PUBLIC_HEADERS:
        return None if layer in USES_PUBLIC else f"{layer} is below the public headers"
    if bracket == '"' and "/" not in target:
        return None  # a file beside this one
    if any(target.startswith(allowed + "/") for allowed in ALLOWED[layer] | {layer}):
        return None
    used = "/".join(target.split("/")[:2])
    if head in ALLOWED or used in ALLOWED:
        return f"{layer} may not use {head if head in ALLOWED else used}"
    if layer == "policy" and target not in POLICY_STANDARD:
        return "policies are pure; this header is not on their list"
    return None


def check_includes(root):
    for top in ("src", "bench"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in SOURCES or "results" in path.parts:
                continue
            layer = folder_of(path, root)
            if layer not in ALLOWED:
                yield f"{path.relative_to(root)}: folder '{layer}' has no place in the layers"
                continue
            for match in INCLUDE.finditer(path.read_text()):
                problem = check_include(layer, match[1], match[2])
                if problem:
                    yield f"{path.relative_to(root)}: #include {match[2]}: {problem}"


def check_links(root):
    """headway_library(NAME ... DEPS ...) must name only libraries of allowed folders."""
    call = re.compile(r"headway_library\(\s*(\S+)(.*?)\)", re.DOTALL)
    owner = {}
    uses = []
    for path in sorted((root / "src").rglob("CMakeLists.txt")):
        text = re.sub(r"#.*", "", path.read_text())
        for name, rest in call.findall(text):
            layer = folder_of(path, root)
            owner[name] = layer
            deps = re.search(r"\bDEPS\b(.*?)(?=\b(?:SOURCES)\b|$)", rest, re.DOTALL)
            uses += [(path, name, layer, dep) for dep in (deps[1].split() if deps else [])]
    for path, name, layer, dep in uses:
        target = owner.get(dep, layer)
        if target != layer and target not in ALLOWED[layer] | BASE:
            yield f"{path.relative_to(root)}: {name} links {dep}: {layer} may not use {target}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    problems = [*check_includes(root), *check_links(root)]
    print("\n".join(problems) or "layers: no upward include or link")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
