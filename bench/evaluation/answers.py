"""Answers to the questions of the evaluation: each number from a file, each missing file told as missing."""
import json
import pathlib

import condense
import figures
import pareto
import tables
from load import number

REPORTED = pathlib.Path(__file__).with_name("reported.json")
REPORTED_PATH = "bench/evaluation/reported.json"
# Products of matrices and the models that run in the same way.
PAIRS = (("two-matmul", "two-models-threads"), ("two-matmul-pool", "two-models-threads-pool"))
# P99 over alone that differs by less than this is called the same: P99 itself is repeated no better.
ALIKE = 0.05
MEMORY_BOUND = ("memory", "norm", "bandwidth")
SHARING = ("two-models", "two-matmul", "two-queues", "mix")
OTHER_LOADS = ("long", "launch")


def with_cells(devices, *items):
    """(device, the cells of the items), of the devices that have all of them on their list."""
    for device in devices:
        cells = [device.cells.get(item) for item in items]
        if all(cells):
            yield device, cells


def not_yet(device, cells, words):
    """One line for each file that is missing."""
    return ["- " + words("answer.missing", device=words.device(device.name), told=tables.missing(cell, words))
            for cell in cells if not cell.result]


def sharing_numbers(cell):
    return {"p99": figures.ratio(condense.p99_vs_alone(cell.result, "headway")),
            "low": figures.ratio(condense.low_vs_bound(cell.result, "headway"))}


def compared(device, products, models, words):
    """How P99 over alone of the real models compares with that of the products."""
    one, other = (condense.p99_vs_alone(cell.result, "headway") for cell in (products, models))
    if one is None or other is None:
        return words("answer.no_ratio", device=words.device(device.name))
    if abs(other / one - 1) <= ALIKE:
        key = "answer.alike"
    else:
        key = "answer.models_harder" if other > one else "answer.models_easier"
    numbers = {f"{side}_{name}": value for side, cell in (("products", products), ("models", models))
               for name, value in sharing_numbers(cell).items()}
    return words(key, device=words.device(device.name), alike=f"{ALIKE * 100:.0f}", **numbers,
                 products_link=words.link(products.result.path, products.item.name),
                 models_link=words.link(models.result.path, models.item.name))


def kernels(devices, words):
    """Real kernels beside products of matrices."""
    lines = []
    for products, models in PAIRS:
        for device, cells in with_cells(devices, products, models):
            missing = not_yet(device, cells, words)
            lines += missing or ["- " + compared(device, *cells, words)]
    return "\n".join(lines)


def convolutions(devices, words):
    """The same convolutions with short and with long kernels: TF32 on and off."""
    lines = []
    for device, (short, long) in with_cells(devices, "two-models-threads", "two-models-strict-fp32"):
        lines += not_yet(device, (short, long), words)
        if not short.result or not long.result:
            continue
        numbers = {f"{side}_{name}": value for side, cell in (("short", short), ("long", long))
                   for name, value in sharing_numbers(cell).items()}
        rates = [condense.median_of(cell.result, "low-alone", "low", "iterations_per_s")
                 for cell in (short, long)]
        lines.append("- " + words("answer.convolutions", device=words.device(device.name), **numbers,
                                  short_rate=figures.significant(rates[0]),
                                  long_rate=figures.significant(rates[1]),
                                  short_link=words.link(short.result.path, short.item.name),
                                  long_link=words.link(long.result.path, long.item.name)))
    return "\n".join(lines)


def holds(devices, words):
    """What the gate did, from the lanes' counters: medians over the repeats, warm-up included."""
    rows = []
    for device in devices:
        for cell in device.measured():
            runs = [entry["counters"] for entry in condense.entries(cell.result, "headway")
                    if isinstance(entry.get("counters"), dict)]
            held = condense.median(number(run, "low", "held") for run in runs)
            if cell.result.data["benchmark"] not in SHARING or not held:
                continue
            means = [number(run, "low", "hold_ns") / number(run, "low", "held") / 1e6 for run in runs
                     if number(run, "low", "held") and number(run, "low", "hold_ns") is not None]
            launches = [condense.median(number(run, side, "gated") for run in runs)
                        for side in ("high", "low")]
            link = words.link(cell.result.path, cell.item.name)
            rows.append([words("list").join([words.device(device.name), link]), *map(figures.count, launches),
                         figures.count(held), figures.significant(condense.median(means))])
    return tables.table(words("columns.holds").split("|"), rows) if rows else words("answer.no_holds")


def mix_lines(device, words, parts):
    return ["- " + words("answer.mix", device=words.device(device.name), name=figures.code(cell.item.name),
                         link=words.link(cell.result.path), **sharing_numbers(cell))
            for cell in device.mixes()
            if cell.result and any(part in cell.item.name for part in parts)]


def memory_bound(devices, words):
    lines = []
    for device in devices:
        found = mix_lines(device, words, MEMORY_BOUND)
        if found:
            lines += found + mix_lines(device, words, OTHER_LOADS)
        elif device.mixes():
            lines.append("- " + words("answer.no_memory_bound", device=words.device(device.name),
                                      command=figures.code(device.mixes()[0].command)))
    return "\n".join(lines)


def operators(devices, words):
    """What each class of operators takes, and how long it lets a request wait."""
    parts = []
    for device, (cell,) in with_cells(devices, "operators"):
        if not cell.result:
            parts += not_yet(device, (cell,), words)
            continue
        numbers = {name: figures.significant(condense.summary(cell.result, name))
                   for name in ("pass_ms", "wait_ms", "longest_ms")}
        told = words("answer.operators", device=words.device(device.name),
                     model=figures.escaped(cell.result.config.get("high_model")),
                     link=words.link(cell.result.path), **numbers)
        parts += [told, tables.operators(cell, words)]
    return "\n\n".join(parts)


def default_stream(devices, words):
    """What the default stream does to both models when nothing holds either of them."""
    lines = []
    for device, (default, pool) in with_cells(devices, "two-models-threads", "two-models-threads-pool"):
        lines += not_yet(device, (default, pool), words)
        for cell, key in ((default, "answer.default_stream"), (pool, "answer.pool_stream")):
            if not cell.result:
                continue
            numbers = {name.replace("-", "_"): figures.significant(
                condense.median_of(cell.result, name, "high", "p99_ms"))
                       for name in ("native", "headway", "high-alone")}
            if numbers["native"] == figures.DASH:
                key += "_without_native"
            lines.append("- " + words(key, device=words.device(device.name), **numbers,
                                      link=words.link(cell.result.path)))
            if condense.never_catches_up(cell.result, "native"):
                lines[-1] += words("gap") + words("answer.grows")
    return "\n".join(lines)


def reported(words):
    """What others measured; the only numbers without a result file, and marked so."""
    data = json.loads(REPORTED.read_text(encoding="utf-8"))
    rows = []
    for name in ("mi308x", "h200_prototype"):
        for case, numbers in data[name]["high_ms"].items():
            rows.append([words(f"reported.{name}"), figures.escaped(case),
                         figures.significant(numbers["p50"]), figures.significant(numbers["p99"])])
    text = tables.table(words("columns.reported").split("|"), rows)
    return f"{text}\n\n{words('reported.source', link=words.link(REPORTED_PATH))}"


def against(point, ours, words):
    """One alternative beside Headway in the same run."""
    if pareto.beats(point, ours):
        key = "alternative.better"
    elif pareto.beats(ours, point):
        key = "alternative.worse"
    else:
        key = "alternative.more_low" if point.throughput > ours.throughput else "alternative.less_p99"
    return words(key, name=figures.code(point.name), p99=figures.ratio(point.latency),
                 our_p99=figures.ratio(ours.latency), low=figures.ratio(point.throughput),
                 our_low=figures.ratio(ours.throughput),
                 gain=figures.change(point.throughput / ours.throughput))


def alternatives(devices, words):
    """Each way of sharing that the device's maker offers, beside Headway."""
    lines = []
    for device in devices:
        for cell in device.cells.values():
            if not cell.item.name.startswith(("two-models", "alternatives")):
                continue
            if not cell.result:
                lines += not_yet(device, [cell], words) if cell.item.set == "alternatives" else []
                continue
            points = {point.name: point for point in pareto.points(cell.result)}
            ours = points.pop(pareto.OURS, None)
            for name, point in points.items():
                if ours and name != "native":
                    link = words.link(cell.result.path, cell.item.name)
                    lines.append("- " + words("alternative.line", device=words.device(device.name), link=link,
                                              told=against(point, ours, words)))
    return "\n".join(lines)
