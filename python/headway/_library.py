"""Finds libheadway and describes its functions to ctypes. Nothing here keeps state of its own."""
import ctypes
import functools
import os
import shutil
import sys
from pathlib import Path
from typing import Iterator, List, Optional

SONAME = "libheadway.so.0"
TORCH_GATE = "libheadway_torch.so.0"

OK = 0
INVALID_ARGUMENT = 1
NOT_FOUND = 2
LINGER_AUTO = 0xFFFFFFFF


class HeadwayError(RuntimeError):
    """A lane could not be opened. The text is the C library's own; `status` is its code."""

    def __init__(self, message: str, status: int = NOT_FOUND) -> None:
        super().__init__(message)
        self.status = status


class LaneOptions(ctypes.Structure):
    """headway_lane_options_t."""

    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("priority", ctypes.c_int32),
        ("device", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("threshold", ctypes.c_uint32),
        ("batch_size", ctypes.c_uint32),
        ("budget_us", ctypes.c_uint32),
        ("linger_us", ctypes.c_uint32),
        ("max_hold_ms", ctypes.c_uint32),
    ]


class LaneCounters(ctypes.Structure):
    """headway_counters_t."""

    _fields_ = [("struct_size", ctypes.c_uint32), ("reserved", ctypes.c_uint32)] + [
        (name, ctypes.c_uint64)
        for name in (
            "passed",
            "gated",
            "held",
            "bypassed",
            "markers",
            "hold_ns",
            "window_ns",
            "hold_timeouts",
        )
    ]


def _folders() -> Iterator[Path]:
    # Not resolve(): in a build folder, the package is a link to its sources.
    package = Path(__file__).absolute().parent
    # Beside the package; and above it, as `cmake --install` and the build put it
    # (PREFIX/lib/headway/python/headway, BUILD/lib/python/headway).
    yield package
    yield from list(package.parents)[1:3]
    # Under `headway run`: beside the shim that it had the loader preload.
    for preloaded in os.environ.get("LD_PRELOAD", "").replace(":", " ").split():
        path = Path(preloaded)
        if path.name.startswith("libheadway"):
            yield path.parent
    prefixes = [Path(sys.prefix)]
    program = shutil.which("headway")
    if program is not None:
        prefixes.append(Path(program).resolve().parent.parent)
    for prefix in prefixes:
        for folder in ("lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu"):
            yield prefix / folder


def candidates(file: str) -> List[str]:
    """Where the library `file` may be, best first. The last entry leaves it to the loader."""
    named = os.environ.get("HEADWAY_LIBRARY", "")
    if named:
        path = Path(named)
        folder = path if path.is_dir() else path.parent
        # Who names a library wants that one, and not another version from elsewhere.
        return [str(path if file == SONAME and not path.is_dir() else folder / file)]
    return [str(folder / file) for folder in _folders() if (folder / file).exists()] + [file]


@functools.lru_cache(maxsize=None)
def load() -> ctypes.CDLL:
    """The C library, loaded once per process. Raises HeadwayError if it is nowhere.

    ctypes lets go of the interpreter's lock (GIL) during each call.
    """
    problem: Optional[OSError] = None
    for candidate in candidates(SONAME):
        try:
            return _declare(ctypes.CDLL(candidate))
        except OSError as error:
            problem = error
    raise HeadwayError(
        f"{SONAME} cannot be loaded ({problem}); install Headway or set HEADWAY_LIBRARY to its path"
    )


def _declare(library: ctypes.CDLL) -> ctypes.CDLL:
    lane = ctypes.c_void_p
    status = ctypes.c_int
    declarations = {
        "headway_version": (ctypes.c_char_p, []),
        "headway_status_string": (ctypes.c_char_p, [status]),
        "headway_last_error": (ctypes.c_char_p, []),
        "headway_lane_options_init": (None, [ctypes.POINTER(LaneOptions)]),
        "headway_lane_open": (status, [ctypes.POINTER(LaneOptions), ctypes.POINTER(lane)]),
        "headway_lane_close": (None, [lane]),
        "headway_lane_enter": (status, [lane]),
        "headway_lane_leave": (status, [lane]),
        "headway_lane_set_priority": (status, [lane, ctypes.c_int32]),
        "headway_lane_idle": (status, [lane]),
        "headway_lane_counters": (status, [lane, ctypes.POINTER(LaneCounters)]),
    }
    for name, (result, arguments) in declarations.items():
        function = getattr(library, name, None)
        if function is None:
            raise OSError(f"it has no {name}")
        function.restype = result
        function.argtypes = arguments
    return library


def error_of(library: ctypes.CDLL, status: int) -> HeadwayError:
    """The exception for a failed call of this thread."""
    text = library.headway_last_error() or library.headway_status_string(status)
    return HeadwayError(text.decode(errors="replace"), status)


def shim_loaded() -> bool:
    """Whether a GPU's shim is preloaded into this process (by `headway run`)."""
    program = ctypes.CDLL(None)
    return any(hasattr(program, f"headway_{kind}_api") for kind in ("cuda", "hip"))
