"""Reads result files (docs/bench-method.md, "The file"). What is not right is one line, and no page."""
import dataclasses
import json
import math
import pathlib

SCHEMA = "headway.bench/1"
FILE_BYTES_MAX = 256 << 20  # as the C++ reader has it
RESULTS = pathlib.PurePosixPath("bench/results")

# Field -> type, of the fields that every file must have.
REQUIRED = {"benchmark": str, "headway": dict, "host": dict, "config": dict, "scenarios": list,
            "summary": dict, "verdict": dict, "partial": bool}


class BadFile(Exception):
    """The message is one line that names the file."""


@dataclasses.dataclass(frozen=True)
class Result:
    path: str  # from the root of the project, with "/"
    data: dict

    @property
    def commit(self):
        return self.data["headway"]["commit"]

    @property
    def config(self):
        return self.data["config"]

    @property
    def scenarios(self):
        return self.data["scenarios"]

    @property
    def partial(self):
        return self.data["partial"]


def number(values, *keys):
    """The finite number under the keys, or None."""
    for key in keys:
        if not isinstance(values, dict):
            return None
        values = values.get(key)
    if isinstance(values, bool) or not isinstance(values, (int, float)) or not math.isfinite(values):
        return None
    return float(values)


def check(path, data):
    """Raises BadFile unless the page can rely on what is in the file."""
    if not isinstance(data, dict):
        raise BadFile(f"{path}: not a JSON object")
    if data.get("schema") != SCHEMA:
        raise BadFile(f"{path}: its schema is {data.get('schema')!r}, the page is made from {SCHEMA!r}; "
                      "measure it again with this version")
    for field, kind in REQUIRED.items():
        if not isinstance(data.get(field), kind):
            raise BadFile(f"{path}: '{field}' is missing or not of the type {kind.__name__}")
    for field in ("commit", "version"):
        if not isinstance(data["headway"].get(field), str):
            raise BadFile(f"{path}: 'headway.{field}' is missing or not a text")
    for index, entry in enumerate(data["scenarios"]):
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) \
                or number(entry, "repeat") is None:
            raise BadFile(f"{path}: scenario {index} has no name or no repeat")
    for name in ("summary", "verdict"):
        if not all(isinstance(value, dict) for value in data[name].values()):
            raise BadFile(f"{path}: an entry of '{name}' is not an object")


def load_file(root, path):
    """`path` is relative to `root`."""
    file = pathlib.Path(root) / path
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise BadFile(f"{path}: larger than {FILE_BYTES_MAX >> 20} MiB")
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    except RecursionError as error:
        raise BadFile(f"{path}: nested too deeply") from error
    except ValueError as error:  # JSON and UTF-8
        raise BadFile(f"{path}: not JSON: {error}") from error
    check(path, data)
    return Result(str(path), data)


def load_folder(root, folder):
    """File name without ending -> Result, for each JSON file in the folder; {} without it."""
    files = sorted((pathlib.Path(root) / folder).glob("*.json"))
    return {file.stem: load_file(root, pathlib.PurePosixPath(folder) / file.name) for file in files}


def device_folders(root):
    return sorted(path.name for path in (pathlib.Path(root) / RESULTS).glob("*") if path.is_dir())
