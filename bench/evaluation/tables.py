"""Markdown tables of single result files, and the line that says where their numbers come from."""
import catalogue
import condense
import figures
from load import number

BUDGET_US = 400  # the default of two-models; older files have another


def table(columns, rows):
    """`columns`: headings; all but the first are numbers unless they begin with "<"."""
    heads = [column.removeprefix("<") for column in columns]
    marks = [":--" if i == 0 or column.startswith("<") else "--:" for i, column in enumerate(columns)]
    lines = [heads, marks, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def host_text(result, words):
    host = result.data["host"]
    parts = [host.get("gpu") or host.get("cpu"), host.get("driver") and f"driver {host['driver']}",
             host.get("torch") and f"LibTorch {host['torch']}",
             host.get("cores") and words("cores", cores=host["cores"])]
    return ", ".join(figures.escaped(part, 80) for part in parts if part)


def source(cell, words):
    """"File: link, commit, machine, when; what a reader must know of the run." """
    result = cell.result
    created = str(result.data.get("created") or "")[:10]
    text = words("source", link=words.link(result.path), commit=figures.code(result.commit),
                 machine=host_text(result, words), created=figures.escaped(created, 10) or figures.DASH)
    notes = []
    if cell.older:
        notes.append(words("note.older"))
    if result.partial:
        notes.append(words("note.partial"))
    if condense.marked(result):
        notes.append(words("note.marked", marked=condense.marked(result), runs=len(result.scenarios)))
    for name, why in condense.skipped(result).items():
        notes.append(words("note.skipped", name=figures.code(name), why=figures.escaped(why)))
    budget = number(result.config, "budget_us")
    if "placement" in result.config and budget not in (None, BUDGET_US):
        notes.append(words("note.budget", budget=figures.count(budget), now=BUDGET_US))
    return words("gap").join([text, *notes])


def missing(cell, words):
    """In place of the numbers of a file that is not there."""
    return words("missing", name=figures.code(cell.item.name), command=figures.code(cell.command))


def images(result, name):
    """Images/s of low where its model works on images."""
    if "ResNet" not in str(result.config.get("low_model")):
        return None
    return condense.median_of(result, name, "low", "images_per_s")


def memory(result, name):
    used = condense.median_of(result, name, "memory_mib", "used")
    return used if used is not None else condense.median_of(result, name, "memory_mib")


def scenarios(cell, words):
    """The four scenarios (and what was added to them): latency, throughput, improvement."""
    result, base = cell.result, condense.baseline(cell.result)
    rows = []
    for name in condense.names(result):
        high = [condense.median_of(result, name, "high", key)
                for key in ("p50_ms", "p99_ms", "max_ms", "completed_rps")]
        change = [figures.DASH, figures.DASH]
        shared = not condense.is_alone(name)
        if base and shared and name != base:
            change = [figures.change(condense.ratio_within(result, name, ("high", key), base))
                      for key in ("p50_ms", "p99_ms")]
        mark = " ‡" if condense.never_catches_up(result, name) else ""
        rows.append([figures.code(name) + mark, *map(figures.significant, high),
                     figures.significant(condense.median_of(result, name, "low", "iterations_per_s")),
                     figures.significant(images(result, name)), *change,
                     figures.ratio(condense.p99_vs_alone(result, name) if shared else None),
                     figures.ratio(condense.low_vs_bound(result, name) if shared else None),
                     figures.count(memory(result, name))])
    columns = words("columns.scenarios").split("|")
    text = table(columns, rows)
    if any("‡" in row[0] for row in rows):
        text += "\n\n" + words("note.queue_grows", waiting=condense.WAITING_MAX)
    return text


def threads(cell, words):
    result = cell.result
    rows = []
    for name in condense.names(result):
        for side in ("high", "low"):
            numbers = [condense.median_of(result, name, side, key) for key in ("p50_ms", "p99_ms", "max_ms")]
            if all(value is None for value in numbers):
                continue
            requests = condense.median_of(result, name, side, "requests")
            whole = [condense.median_of(result, name, key) for key in ("total_time_s", "tasks_per_s")]
            rows.append([figures.code(name), words(f"side.{side}"), figures.count(requests),
                         *map(figures.significant, numbers), *map(figures.significant, whole)])
    return table(words("columns.threads").split("|"), rows)


def fallback(cell, words):
    result = cell.result
    rows = []
    for name in condense.names(result):
        for entry in condense.entries(result, name)[:1]:
            low = entry.get("low") or {}
            tried = [figures.count(number({"x": batch}, "x")) for batch in low.get("batch_fallbacks") or []]
            rows.append([figures.code(name), " → ".join([*tried, figures.count(number(low, "batch"))]),
                         figures.count(number(result.config, "memory_cap_mib")),
                         figures.count(memory(result, name)),
                         figures.significant(condense.median_of(result, name, "low", "images_per_s"))])
    return table(words("columns.fallback").split("|"), rows)


def is_added(name):
    """Of a launch: what Headway adds, the median of its batches."""
    return name.endswith("_added_ns") and not name.endswith("_least_added_ns")


def ratios(cell, words):
    """All ratios of a file's summary with their intervals."""
    rows = []
    for name in cell.result.data["summary"]:
        if cell.result.data["benchmark"] == "shim-launch" and not is_added(name):
            continue
        ends = condense.interval(cell.result, name)
        span = f"{figures.ratio(ends[0])} … {figures.ratio(ends[1])}" if ends else figures.DASH
        rows.append([figures.code(name), figures.ratio(condense.summary(cell.result, name)), span])
    return table(words("columns.ratios").split("|"), rows)


def mix(cell, words):
    """As the others, and the ratios: they have the times of tokens, and the other high members."""
    parts = [scenarios(cell, words)]
    if cell.result.data["summary"]:
        parts.append(ratios(cell, words))
    return "\n\n".join(parts)


def operators(cell, words):
    """Each class of a model's operators: how long one runs, its share of a pass and of the waiting."""
    def share(name, ending):
        return condense.summary(cell.result, f"{name.replace(' ', '_')}_{ending}")

    rows = []
    for name in sorted(condense.names(cell.result), key=lambda name: share(name, "share") or 0, reverse=True):
        shares = [share(name, ending) for ending in ("share", "wait_share")]
        rows.append([words.find(f"operators.{name.replace(' ', '_')}") or figures.escaped(name),
                     figures.count(condense.median_of(cell.result, name, "high", "requests")),
                     *(figures.significant(condense.median_of(cell.result, name, "high", number_name))
                       for number_name in ("p50_ms", "max_ms")),
                     *(figures.DASH if share is None else f"{share * 100:.1f}" for share in shares)])
    return table(words("columns.operators").split("|"), rows)


# An OpenCL device's `overhead` is another benchmark than that of the others.
OWN_TITLES = ("opencl-latency",)
# Benchmark -> its table; all others show their ratios.
TABLES = {"two-models": scenarios, "two-matmul": scenarios, "two-queues": scenarios, "mix": mix,
          "threads": threads, "operators": operators}


def title(cell, words):
    """What a file is about, by the kind of the device where that matters."""
    keys = [f"{cell.item.name}_{catalogue.kind_of(cell.device)}", cell.item.name]
    if cell.result and cell.result.data["benchmark"] in OWN_TITLES:
        keys.insert(0, cell.result.data["benchmark"])
    found = next((told for told in (words.find(f"item.{key}") for key in keys) if told), None)
    return found or figures.escaped(cell.item.name)


def section(cell, words):
    """Title, table and source of one file."""
    benchmark = cell.result.data["benchmark"]
    make = TABLES.get(benchmark, ratios)
    if cell.item.name == "two-models-fallback":
        make = fallback
    return f"#### {title(cell, words)}\n\n{make(cell, words)}\n\n{source(cell, words)}"
