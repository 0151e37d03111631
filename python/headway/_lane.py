"""Lanes: what `with headway.lane(priority=10):` opens, enters and leaves."""
import contextlib
import ctypes
import dataclasses
import glob
import os
import sys
import threading
import warnings
import weakref
from typing import Any, Callable, Dict, List, Optional, TypeVar

from . import _library, _torch
from ._library import HeadwayError

_Function = TypeVar("_Function", bound=Callable[..., Any])
_COUNTERS = ("passed", "gated", "held", "bypassed", "markers", "hold_ns", "window_ns", "hold_timeouts")


class HeadwayWarning(RuntimeWarning):
    """Work runs natively because a lane could not be opened. Given once per process."""


@dataclasses.dataclass(frozen=True)
class Counters:
    """What happened to a lane's launches; each is in exactly one of passed, gated and bypassed."""

    passed: int = 0  # nobody else was on the device; lags by up to 63 a thread
    gated: int = 0  # looked at, because another lane was there
    held: int = 0  # of those: had to wait
    bypassed: int = 0  # could not be scheduled
    markers: int = 0  # progress markers asked of the device
    hold_ns: int = 0  # time held for a higher lane, in nanoseconds
    window_ns: int = 0  # time waited for the lane's own window, in nanoseconds
    hold_timeouts: int = 0  # holds that ended by max_hold_ms


class _Entry:
    """One `with` of one thread."""

    def __init__(self, lane: "Lane", entered: bool) -> None:
        self.lane = lane
        self.entered = entered
        self.ended = False


class _Thread(threading.local):
    """The calling thread's entries, innermost last."""

    def __init__(self) -> None:
        self.entries: List[_Entry] = []


_thread = _Thread()


def _is_rocm() -> bool:
    """Whether the PyTorch of this process is one for AMD GPUs."""
    return getattr(getattr(sys.modules.get("torch"), "version", None), "hip", None) is not None


def _device_name(device: str) -> str:
    """PyTorch for ROCm calls AMD GPUs cuda; the C library calls them hip."""
    return "hip" + device[4:] if device.startswith("cuda:") and _is_rocm() else device


def _default_device() -> str:
    """The GPU that PyTorch uses now or else the first one, where there is one; else the CPU."""
    has_gpu = bool(glob.glob("/dev/nvidia[0-9]*")) or os.path.exists("/dev/dxg")
    has_gpu = has_gpu or (_is_rocm() and os.path.exists("/dev/kfd"))
    if not has_gpu and not _library.shim_loaded():
        return "cpu"
    torch = sys.modules.get("torch")
    # current_device() alone would start CUDA, after which a forked child can't use it any more.
    if torch is not None and hasattr(torch, "cuda") and torch.cuda.is_initialized():
        return f"cuda:{torch.cuda.current_device()}"
    return "cuda:0" if has_gpu else "cpu"


class Lane(contextlib.ContextDecorator):
    """An open lane: one priority on one device, for the threads that enter it.

    Open it once, and enter it as often and in as many threads as you like::

        lane = headway.Lane(priority=10, device="cuda:0")
        with lane:
            model(batch)

    A thread's work belongs to the lane that it entered last, whatever stream it uses. Entering and
    leaving may be nested, 16 deep, and never raise. A lane belongs to threads: do not keep one
    entered across an `await` or a `yield`. A forked child's lane gets a place of its own.

    `priority`: from -256 to 255, higher wins. `device`: "cpu", "cuda:N" or "hip:N" (with PyTorch for
    ROCm cuda means hip, as it does for PyTorch itself); by default the GPU that
    PyTorch uses, if there is a GPU, and else the CPU. `name`: shown by `headway status`. The other
    options are described in headway.h; None means the default, which for `linger_us` is to learn it.

    Raises HeadwayError, with the C library's message, if the lane cannot be opened.
    """

    def __init__(
        self,
        priority: int = 0,
        device: Optional[str] = None,
        name: Optional[str] = None,
        *,
        threshold: Optional[int] = None,
        batch_size: Optional[int] = None,
        budget_us: Optional[int] = None,
        linger_us: Optional[int] = None,
        max_hold_ms: Optional[int] = None,
    ) -> None:
        self._library = _library.load()
        self.device = _device_name(device if device is not None else _default_device())
        options = _library.LaneOptions()
        self._library.headway_lane_options_init(ctypes.byref(options))
        options.priority = _checked("priority", priority, -(2**31))
        options.device = self.device.encode()
        options.name = name.encode() if name is not None else None
        numbers: Dict[str, Optional[int]] = {
            "threshold": threshold,
            "batch_size": batch_size,
            "budget_us": budget_us,
            "linger_us": linger_us,
            "max_hold_ms": max_hold_ms,
        }
        for option, value in numbers.items():
            if value is not None:
                setattr(options, option, _checked(option, value, 0))
        handle = ctypes.c_void_p()
        status = self._library.headway_lane_open(ctypes.byref(options), ctypes.byref(handle))
        if status != _library.OK:
            raise _library.error_of(self._library, status)
        self._handle = handle.value
        self._close = weakref.finalize(self, self._library.headway_lane_close, handle.value)
        self._close.atexit = False  # at exit the C library itself takes all lanes off the board
        if self.device == "cpu":
            _torch.install_when_loaded()

    @property
    def active(self) -> bool:
        """Whether the lane is open and schedules the work of the threads in it."""
        return self._close.alive

    def __enter__(self) -> "Lane":
        entered = self.active and self._library.headway_lane_enter(self._handle) == _library.OK
        _thread.entries.append(_Entry(self, entered))
        return self

    def __exit__(self, *exception: object) -> None:
        entries = _thread.entries
        for entry in reversed(entries):
            if entry.lane is self and not entry.ended:
                entry.ended = True
                break
        # Usually this is the entry just marked. Where `with` blocks of coroutines end out of order,
        # an entry waits for those above it.
        while entries and entries[-1].ended:
            entry = entries.pop()
            if entry.entered:
                self._library.headway_lane_leave(entry.lane._handle)

    def close(self) -> None:
        """Takes the lane off the device. Threads that are still in it run on unscheduled."""
        self._close()

    def set_priority(self, priority: int) -> None:
        """Changes the priority; other lanes see it at their next launch. Raises HeadwayError."""
        if not self.active:
            return
        priority = _checked("priority", priority, -(2**31))
        status = self._library.headway_lane_set_priority(self._handle, priority)
        if status != _library.OK:
            raise _library.error_of(self._library, status)

    def idle(self) -> None:
        """Says that everything this lane launched has completed, so that held lanes go on at once."""
        if self.active:
            self._library.headway_lane_idle(self._handle)

    def counters(self) -> Counters:
        """The lane's counters so far; all 0 once it is closed."""
        if not self.active:
            return Counters()
        counters = _library.LaneCounters(struct_size=ctypes.sizeof(_library.LaneCounters))
        self._library.headway_lane_counters(self._handle, ctypes.byref(counters))
        return Counters(**{name: getattr(counters, name) for name in _COUNTERS})


def _checked(option: str, value: int, least: int) -> int:
    """ctypes would silently cut a number that does not fit to one that does."""
    if not least <= value < 2**31:
        raise HeadwayError(f"{option} cannot be {value}", _library.INVALID_ARGUMENT)
    return value


class _NativeLane(Lane):
    """Stands in for a lane that could not be opened: it schedules nothing."""

    def __init__(self) -> None:
        self.device = "none"

    active = False  # type: ignore[assignment]

    def __enter__(self) -> "Lane":
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def close(self) -> None:
        pass


class lane(contextlib.ContextDecorator):
    """Runs a block, or every call of a function, in a lane of its own::

        with headway.lane(priority=10):
            model(batch)

        @headway.lane(priority=1, device="cuda:0")
        def train(): ...

    A block's lane is opened as it begins and closed as it ends; in code that runs often, open a Lane
    once and enter that. A function's lane is opened at the first call and stays open.

    Takes the arguments of Lane. If no lane can be opened, the block runs natively and a
    HeadwayWarning says why, once per process; with strict=True it raises HeadwayError instead.
    Options out of their range always raise.
    """

    def __init__(
        self,
        priority: int = 0,
        device: Optional[str] = None,
        name: Optional[str] = None,
        *,
        strict: bool = False,
        **options: Optional[int],
    ) -> None:
        self._open: Callable[[], Lane] = lambda: Lane(priority, device, name, **options)
        self._strict = strict
        self._stays_open = False
        self._lane: Optional[Lane] = None
        self._users = 0
        self._lock = threading.Lock()

    def __call__(self, function: _Function) -> _Function:
        self._stays_open = True
        return super().__call__(function)

    def __enter__(self) -> Lane:
        with self._lock:
            if self._lane is None:
                self._lane = self._open() if self._strict else _open_or_warn(self._open)
            self._users += 1
            current = self._lane
        return current.__enter__()

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            current = self._lane
            self._users -= 1
            if self._users == 0 and not self._stays_open:
                self._lane = None
            last = self._lane is None
        if current is not None:
            current.__exit__(*exception)
            if last:
                current.close()


_warned = threading.Event()


def _open_or_warn(open_lane: Callable[[], Lane]) -> Lane:
    try:
        return open_lane()
    except HeadwayError as error:
        if error.status == _library.INVALID_ARGUMENT:
            raise
        if not _warned.is_set():
            _warned.set()
            warnings.warn(f"running unscheduled: {error}", HeadwayWarning, stacklevel=3)
        return _NativeLane()
