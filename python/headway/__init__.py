"""Headway: priorities for work that shares one GPU or one CPU.

    with headway.lane(priority=10):
        model(batch)

While a thread in a lane of higher priority is busy on the device, the next launch of a lower lane is
held in the thread that makes it. Nothing is reordered, dropped or copied.

On a GPU the program has to be started by `headway run`, which puts the scheduler between the program
and the driver. On a CPU, operators of PyTorch are scheduled as soon as a lane on "cpu" is opened.
"""
import os as _os

from . import _library, _torch
from ._lane import Counters, HeadwayWarning, Lane, lane
from ._library import HeadwayError

__all__ = ["Counters", "HeadwayError", "HeadwayWarning", "Lane", "install", "lane", "version"]


def version() -> str:
    """The C library's version. Raises HeadwayError if there is no library."""
    return str(_library.load().headway_version().decode())


def install() -> bool:
    """Installs the gate for PyTorch on the CPU, now or when torch is imported.

    Opening a lane on "cpu" does this by itself, and so does importing this package where
    HEADWAY_PRIORITY is set, unless the machine has a GPU or HEADWAY_TORCH=0.

    Returns False if torch is loaded and the gate does not fit to it; standard error says why.
    """
    return _torch.install_when_loaded()


if _os.environ.get("HEADWAY_PRIORITY"):
    _torch.install_for_run()
