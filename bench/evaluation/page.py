"""docs/evaluation.md in one language, from the files that are there."""
import answers
import catalogue
import condense
import figures
import matrix
import plotdata
import sharing
import tables
import variants

OVERHEAD = ("overhead", "overhead-armed", "preempt", "shim-launch")
# Of the set "reference", but shown among the answers.
ANSWERS = ("operators",)


def per_device(devices, make, words):
    """The sections of all devices that have one, each under its name."""
    parts = []
    for device in devices:
        text = make(device)
        if text:
            parts.append(f"### {words.device(device.name)}\n\n{text}")
    return "\n\n".join(parts)


def cells_text(device, wanted, words):
    """The files that are there, each with its table; then in one line per command those that are not."""
    cells = [cell for cell in device.cells.values() if wanted(cell)]
    missing = {}
    for cell in cells:
        if not cell.result:
            missing.setdefault(cell.command, []).append(figures.code(cell.item.name))
    told = [words("missing", name=words("list").join(names), command=figures.code(command))
            for command, names in missing.items()]
    return "\n\n".join([*(tables.section(cell, words) for cell in cells if cell.result), *told])


def is_test(cell):
    return cell.item.set == "reference" and cell.item.name not in ANSWERS


def files_table(devices, words):
    rows = []
    for device in devices:
        for cell in device.measured():
            result = cell.result
            rows.append([words.link(result.path), figures.code(result.commit),
                         tables.host_text(result, words),
                         figures.escaped(str(result.data.get("created") or figures.DASH)[:10], 10),
                         figures.count(len(result.scenarios)), figures.count(condense.marked(result))])
    return tables.table(words("columns.files").split("|"), rows)


def slots(devices, words):
    plotted = {figure["name"] for figure in plotdata.all_figures(devices)}

    def cdf(device):
        return sharing.plot(device, "cdf", words) if f"cdf-{device.name}" in plotted else ""

    return {
        "progress": "\n".join(matrix.progress(device, words) for device in devices),
        "front": sharing.overall(devices, words),
        "matrix": per_device(devices, lambda device: matrix.matrix(device, words), words),
        "missed": matrix.missed(devices, words),
        "tests": per_device(devices, lambda device: cells_text(device, is_test, words), words),
        "variants": per_device(devices, lambda device: variants.table(device, words), words),
        "sharing": "\n\n".join(sharing.section(device, f"pareto-{device.name}" in plotted, words)
                               for device in devices),
        "cdf": per_device(devices, cdf, words),
        "kernels": answers.kernels(devices, words),
        "holds": answers.holds(devices, words),
        "convolutions": answers.convolutions(devices, words),
        "memory_bound": answers.memory_bound(devices, words),
        "operators": answers.operators(devices, words),
        "default_stream": answers.default_stream(devices, words),
        "reported": answers.reported(words),
        "alternatives": answers.alternatives(devices, words),
        "mixes": per_device(devices, lambda device: cells_text(
            device, lambda cell: cell.item.name.startswith(catalogue.MIX), words), words),
        "overhead": per_device(devices, lambda device: cells_text(
            device, lambda cell: cell.item.name in OVERHEAD, words), words),
        "files": files_table(devices, words),
    }


def render(devices, words):
    filled = {name: text or words("nothing") for name, text in slots(devices, words).items()}
    return words.fill("page", filled).rstrip() + "\n"
