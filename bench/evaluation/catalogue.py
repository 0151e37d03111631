"""Which result files the page wants of each device, and which of them are there."""
import dataclasses
import pathlib

import load

# Of a device folder: what runs there. A folder that is not named is a GPU.
KINDS = {"cpu": "cpu", "pocl": "opencl"}
# GPUs first, since the claims are about them.
KIND_ORDER = ("gpu", "cpu", "opencl")


@dataclasses.dataclass(frozen=True)
class Item:
    name: str  # of the file in the suite's folder (bench/suite/items.cc)
    set: str  # of `headway-bench suite`, or that it is shown with; empty: neither
    kinds: tuple
    older: tuple = ()  # names in the older, flat layout, which may stand in
    command: str = ""  # where the suite does not measure it


GPU = ("gpu",)
BOTH = ("gpu", "cpu")
OPENCL = ("opencl",)
VARIANTS = "variants"
# Examples, not the suite's: programs that know nothing of Headway.
PYTHON = ("examples/python/two_models_{placement}.py --repeats 5 --device {{where}}"
          " --json bench/results/{{device}}/suite/python-{placement}.json")

ITEMS = (
    Item("threads", "reference", BOTH),
    Item("threads-pool", "reference", GPU),
    Item("two-matmul", "reference", BOTH),
    Item("two-matmul-pool", "reference", GPU),
    Item("two-models-threads", "reference", BOTH, ("two-models-threads-default", "two-models")),
    Item("two-models-threads-pool", "reference", GPU, ("two-models-threads-pool",)),
    Item("two-models-processes", "reference", BOTH, ("two-models-processes",)),
    Item("two-models-strict-fp32", "reference", GPU, ("two-models-threads-default-strict-fp32",)),
    Item("two-models-fp16", "reference", GPU),
    Item("two-models-fallback", "reference", BOTH),
    Item("operators", "reference", BOTH),
    Item("two-models-200rps", VARIANTS, GPU, ("two-models-threads-default-200rps",)),
    Item("two-models-graph", VARIANTS, GPU, ("graphs",)),
    Item("two-models-processes-200rps", VARIANTS, GPU, ("two-models-processes-200rps",)),
    Item("two-models-processes-lowb8", VARIANTS, GPU, ("two-models-processes-lowb8",)),
    Item("two-models-processes-strict-fp32", VARIANTS, GPU, ("two-models-processes-strict-fp32",)),
    Item("two-models-processes-graph", VARIANTS, GPU, ("two-models-processes-graph",)),
    Item("many-low-processes", VARIANTS, GPU, ("many-low-processes",)),
    Item("training", VARIANTS, GPU, ("training",)),
    Item("python-threads", VARIANTS, BOTH, ("python-threads",), PYTHON.format(placement="threads")),
    Item("python-processes", VARIANTS, BOTH, ("python-processes",), PYTHON.format(placement="processes")),
    Item("alternatives-processes", "alternatives", BOTH),
    Item("alternatives-threads", "alternatives", GPU),
    Item("two-queues", "reference", OPENCL, ("two-queues",)),
    Item("two-queues-shared", "reference", OPENCL, ("two-queues-shared",)),
    Item("overhead", "overhead", BOTH + OPENCL, ("overhead",)),
    Item("overhead-armed", "overhead", GPU, ("overhead-armed",)),
    Item("preempt", "overhead", GPU, ("preempt",)),
    Item("shim-launch", "", ("cpu",), ("shim-launch",),
         "shim_launch_benchmark --json bench/results/{device}/shim-launch.json"),
)

# The workloads of `headway-bench mix` have a file each, "mix-" and the workload's name.
MIX = "mix-"
MIX_ITEM = Item("mix-NAME", "mixes", BOTH)
WORKLOADS = "bench/mixes"


@dataclasses.dataclass(frozen=True)
class Cell:
    item: Item
    device: str
    result: load.Result | None = None
    older: bool = False  # the file is of the flat layout

    @property
    def command(self):
        """Measures it."""
        where = {"cpu": "cpu", "opencl": "opencl:0"}.get(kind_of(self.device), "cuda:0")
        if self.item.command:
            return self.item.command.format(device=self.device, where=where)
        quick = " --quick" if where == "cpu" else ""
        return (f"headway-bench suite --set {self.item.set} --device {where}{quick} "
                f"--results {load.RESULTS}/{self.device}/suite")


@dataclasses.dataclass(frozen=True)
class Device:
    name: str
    kind: str
    cells: dict  # name of the item -> Cell

    def result(self, name):
        cell = self.cells.get(name)
        return cell.result if cell else None

    def measured(self):
        return [cell for cell in self.cells.values() if cell.result]

    def mixes(self):
        return [cell for cell in self.cells.values() if cell.item.name.startswith(MIX)]


def kind_of(device):
    return KINDS.get(device, "gpu")


def find_cell(item, device, suite, flat):
    if item.name in suite:
        return Cell(item, device, suite[item.name])
    for name in item.older:
        if name in flat:
            return Cell(item, device, flat[name], older=True)
    return Cell(item, device)


def load_device(root, name):
    kind = kind_of(name)
    folder = load.RESULTS / name
    flat = load.load_folder(root, folder)
    suite = load.load_folder(root, folder / "suite")
    cells = {item.name: find_cell(item, name, suite, flat) for item in ITEMS if kind in item.kinds}
    mixes = {file for file in suite if file.startswith(MIX)}
    if kind in MIX_ITEM.kinds:
        mixes |= {MIX + path.stem for path in (pathlib.Path(root) / WORKLOADS).glob("*.toml")}
        mixes = mixes or {MIX_ITEM.name}
    for file in sorted(mixes):
        cells[file] = Cell(dataclasses.replace(MIX_ITEM, name=file), name, suite.get(file))
    return Device(name, kind, cells)


def load_devices(root):
    """Raises load.BadFile. In the order in which the page has them."""
    devices = [load_device(root, name) for name in load.device_folders(root)]
    if not devices:
        raise load.BadFile(f"{load.RESULTS}: there is no folder of a device in it")
    return sorted(devices, key=lambda device: (KIND_ORDER.index(device.kind), device.name))
