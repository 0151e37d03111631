"""The matrix of tests 1 to 5: what each is, what it gave, whether that was what was asked for."""
import dataclasses

import catalogue
import condense
import figures
import tables

SAFE = "minimum"


@dataclasses.dataclass(frozen=True)
class Row:
    test: str  # "2a": of the phrases
    item: str
    mix: str = ""  # of `threads`: the prefix of its ratios
    bars: tuple = ()  # the bars that belong to the row; empty: all of the file


ROWS = (
    Row("1", "threads", bars=(SAFE,)),
    Row("2a", "threads", "mixed_3_13", (SAFE, "three high of 16", "total time")),
    Row("2b", "threads", "mixed_1_15", (SAFE, "one high of 16", "total time")),
    Row("3", "threads", "mixed_2_6", (SAFE,)),
    Row("1p", "threads-pool", bars=(SAFE,)),
    Row("2ap", "threads-pool", "mixed_3_13", (SAFE, "three high of 16", "total time")),
    Row("2bp", "threads-pool", "mixed_1_15", (SAFE, "one high of 16", "total time")),
    Row("3p", "threads-pool", "mixed_2_6", (SAFE,)),
    Row("4", "two-matmul"),
    Row("4p", "two-matmul-pool"),
    Row("5a", "two-models-threads"),
    Row("5b", "two-models-threads-pool"),
    Row("5c", "two-models-processes"),
    Row("5d", "two-models-strict-fp32"),
    Row("5e", "two-models-fp16"),
    Row("5f", "two-models-fallback"),
    Row("6a", "two-queues"),
    Row("6b", "two-queues-shared"),
)


def improvement_of_base(result, words):
    numbers = {key: figures.significant(condense.median_of(result, name, side, "p99_ms"))
               for key, name, side in (("one", "alone", "high"), ("all", "unscheduled-16", "high"))}
    if numbers["all"] == figures.DASH:  # 16 threads without classes may count as low
        numbers["all"] = figures.significant(condense.median_of(result, "unscheduled-16", "low", "p99_ms"))
    total = condense.median_of(result, "unscheduled-16", "total_time_s")
    return words("matrix.base", **numbers, total=figures.significant(total))


def improvement_of_threads(result, mix, words):
    def of(ratio):
        return condense.summary(result, f"{mix}_{ratio}")
    return words("matrix.threads", p50=figures.change(of("high_p50_vs_unscheduled")),
                 p99=figures.change(of("high_p99_vs_unscheduled")),
                 p50_alone=figures.ratio(of("high_p50_vs_alone")),
                 p99_alone=figures.ratio(of("high_p99_vs_alone")),
                 total=figures.change(of("total_time_vs_unscheduled")))


def improvement_of_models(result, words):
    base = condense.baseline(result)
    parts = []
    if base:
        p50, p99, low = (condense.ratio_within(result, "headway", keys, base)
                         for keys in (("high", "p50_ms"), ("high", "p99_ms"), ("low", "iterations_per_s")))
        parts.append(words("matrix.models", base=figures.code(base), p50=figures.change(p50),
                           p99=figures.change(p99), low=figures.change(low)))
        if condense.never_catches_up(result, base):
            parts.append(words("matrix.grows", base=figures.code(base)))
    else:
        parts.append(words("matrix.no_base"))
    parts.append(words("matrix.alone", p99=figures.ratio(condense.p99_vs_alone(result, "headway")),
                       bound=figures.ratio(condense.low_vs_bound(result, "headway"))))
    return words("gap").join(parts)


def improvement_of_fallback(result, words):
    chains = set()
    for entry in result.scenarios:
        low = entry.get("low")
        if not low:
            continue
        steps = [*(low.get("batch_fallbacks") or []), low.get("batch")]
        chains.add(" → ".join(figures.escaped(step, 20) for step in steps))
    return words("matrix.fallback", chain="; ".join(sorted(chains)))


def improvement(row, result, words):
    if row.item == "two-models-fallback":
        return improvement_of_fallback(result, words)
    if not row.item.startswith("threads"):
        return improvement_of_models(result, words)
    return improvement_of_threads(result, row.mix, words) if row.mix else improvement_of_base(result, words)


def state(result, wanted, words):
    """Each bar and whether it was met, by the file's own verdict."""
    bars = {name: met for name, (met, _) in condense.bars(result).items() if not wanted or name in wanted}
    names = {True: "state.met", False: "state.missed", None: "state.undecided"}
    parts = [words("state.partial")] if result.partial else []
    for met in (False, None, True):
        some = [figures.code(name) for name, value in bars.items() if value is met]
        if some:
            parts.append(words(names[met], bars=words("list").join(some)))
    return "<br>".join(parts) or words("state.no_bar")


def file_text(cell, words):
    name = cell.result.path.rsplit("/", 1)[-1]
    mark = " †" if cell.older else ""
    return f"{words.link(cell.result.path, name)}{mark} {figures.code(cell.result.commit)}"


def about_test(row, part, cell, words):
    """What a test is, in the sizes of the kind of device where they differ."""
    key = f"test.{row.test}.{part}"
    own = f"{key}_{catalogue.kind_of(cell.device)}"
    return words(own if words.find(own) else key)


def matrix_row(row, cell, words):
    about = [about_test(row, part, cell, words) for part in ("workload", "concurrency")]
    verifies = words(f"test.{row.test}.verifies")
    number = words(f"test.{row.test}.number")
    if cell.result is None:
        return [number, *about, figures.DASH, verifies, words("state.missing"), figures.code(cell.command)]
    return [number, *about, improvement(row, cell.result, words), verifies,
            state(cell.result, row.bars, words), file_text(cell, words)]


def matrix(device, words):
    rows = [matrix_row(row, device.cells[row.item], words) for row in ROWS if row.item in device.cells]
    columns = ["<" + column for column in words("columns.matrix").split("|")]
    text = tables.table(columns, rows)
    if any(cell.older for cell in device.cells.values()):
        text += "\n\n" + words("note.dagger")
    return text


def missed(devices, words):
    """Every bar that a file says was missed, in the file's own words."""
    lines = []
    for device in devices:
        for cell in device.measured():
            for name, (met, detail) in condense.bars(cell.result).items():
                if met is False:
                    lines.append("- " + words("missed.line", device=words.device(device.name),
                                              link=words.link(cell.result.path), bar=figures.code(name),
                                              detail=figures.code(detail)))
    return "\n".join(lines) or words("missed.none")


def progress(device, words):
    """How much of a device is measured, and how many bars are met."""
    counts = {True: 0, False: 0, None: 0}
    for cell in device.measured():
        for met, _ in condense.bars(cell.result).values():
            counts[met] += 1
    return "- " + words("progress", device=words.device(device.name), there=len(device.measured()),
                        wanted=len(device.cells), met=counts[True], missed=counts[False],
                        undecided=counts[None])
