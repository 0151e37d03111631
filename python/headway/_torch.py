"""The gate for PyTorch on the CPU: loads libheadway_torch into a process that has loaded torch.

On a GPU nothing of this is needed: there the driver shim that `headway run` preloads is the gate.
"""
import ctypes
import glob
import importlib.abc
import importlib.machinery
import importlib.util
import os
import struct
import sys
import threading
from types import ModuleType
from typing import Any, Iterator, Optional, Sequence

from . import _library

_lock = threading.Lock()
_hook: Optional["_TorchHook"] = None
_result: Optional[bool] = None  # of the one attempt that a process makes


def install_when_loaded() -> bool:
    """Installs the gate now if torch is loaded, else as soon as something imports it.

    Every top-level operator that a thread runs while it is in a lane on "cpu" is then gated. Threads
    in no lane are left alone, unless HEADWAY_PRIORITY is set: then they belong to the process's lane.

    Returns False if torch is loaded and the gate does not fit to it; one line on standard error then
    says why, and torch runs unscheduled. Never raises. Idempotent and thread-safe.
    """
    global _hook
    with _lock:
        torch = sys.modules.get("torch")
        if torch is not None and hasattr(torch, "Tensor") and not _being_imported(torch):
            return _install_once(torch)
        if _hook is None:
            _hook = _TorchHook()
            sys.meta_path.insert(0, _hook)
        return True


def install_for_run() -> None:
    """What `headway run` does: as above, if this process's torch will do its work on the CPU."""
    choice = os.environ.get("HEADWAY_TORCH", "auto")
    if choice not in ("0", "1") and glob.glob("/dev/nvidia[0-9]*"):
        choice = "0"  # the operators only launch work, and that is gated in the driver
    if choice != "0":
        install_when_loaded()


def _being_imported(module: ModuleType) -> bool:
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


def _install_once(torch: ModuleType) -> bool:
    global _result
    if _result is None:
        problem = _install(torch)
        _result = problem is None
        if problem is not None:
            print(f"headway: PyTorch runs unscheduled: {problem}", file=sys.stderr)
    return _result


def _install(torch: ModuleType) -> Optional[str]:
    """Returns what is wrong, or None."""
    try:
        _library.load()
    except _library.HeadwayError as error:
        return str(error)
    problem: Optional[str] = f"{_library.TORCH_GATE} is not installed"
    for path in _library.candidates(_library.TORCH_GATE):
        if os.path.exists(path):
            problem = _install_from(path, torch)
            if problem is None:
                return None
    return problem


def _install_from(path: str, torch: ModuleType) -> Optional[str]:
    try:
        # A gate for another LibTorch would load that one beside Python's, which ends the process.
        for name in needed_libraries(path):
            if name.startswith(("libtorch", "libc10")) and not _is_loaded(name):
                return f"{path} needs {name}, and this Python has another LibTorch"
        gate = ctypes.CDLL(path)
        gate.headway_torch_built_with.restype = ctypes.c_char_p
        built_with = gate.headway_torch_built_with().decode()
        if built_with.split(".")[:2] != torch.__version__.split(".")[:2]:
            return f"{path} is for LibTorch {built_with}, and this is PyTorch {torch.__version__}"
        if gate.headway_torch_install() != _library.OK:
            return "LibTorch refused the gate"
    except (OSError, AttributeError, ValueError, struct.error) as error:
        return str(error)
    return None


def _is_loaded(name: str) -> bool:
    try:
        ctypes.CDLL(name, mode=os.RTLD_NOLOAD | os.RTLD_NOW)
    except OSError:
        return False
    return True


def needed_libraries(path: str) -> Iterator[str]:
    """The DT_NEEDED names of a 64-bit little-endian ELF file."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:6] != b"\x7fELF\x02\x01":
        raise ValueError(f"{path} is not a 64-bit ELF library")
    headers_at, entry_bytes, count = *struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54)
    segments = [struct.unpack_from("<IIQQQQ", data, headers_at + i * entry_bytes) for i in range(count)]

    def file_offset(address: int) -> int:
        for kind, _, offset, start, _, length in segments:
            if kind == 1 and start <= address < start + length:  # PT_LOAD
                return address - start + offset
        raise ValueError(f"{path} is damaged")

    entries = []
    for kind, _, offset, _, _, length in segments:
        if kind == 2:  # PT_DYNAMIC
            entries = list(struct.iter_unpack("<qQ", data[offset : offset + length // 16 * 16]))
    names_at = next((file_offset(value) for tag, value in entries if tag == 5), 0)  # DT_STRTAB
    for tag, value in entries:
        if tag == 1:  # DT_NEEDED
            start = names_at + value
            yield data[start : data.index(b"\0", start)].decode()


class _TorchHook(importlib.abc.MetaPathFinder):
    """Stands first in sys.meta_path until torch is imported, and acts once that has succeeded."""

    def find_spec(
        self, name: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if name != "torch":
            return None
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _ActsAfter(spec.loader)  # type: ignore[assignment]
        return spec


class _ActsAfter(importlib.abc.Loader):
    """A loader that installs the gate when the one it stands for has run the module."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Optional[ModuleType]:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None:
            spec.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        with _lock:
            _install_once(module)
