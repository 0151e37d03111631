"""The results in README.zh.md, between its two markers: in Chinese what cmake/UpdateReadme.cmake writes into
README.md, of the same files and with the same rounding."""
import condense
import figures
import load
import tables
import words as words_module

PATH = "README.zh.md"
BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"
# The file of a folder that is shown with its tables, if it is there.
IN_FULL = ("two-models", "two-models-threads-default")
MODELS = "two-models"
HIGH_COLUMNS = ("requests", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms", "mean_ms",
                "completed_rps")


def outputs_equal(result):
    """True if each output was the same wherever it was made, and there is one."""
    seen = {}
    for entry in result.scenarios:
        hashes = entry.get("output_sha256")
        if isinstance(hashes, str):
            hashes = {"": hashes}
        for name, value in (hashes or {}).items():
            seen.setdefault((entry.get("workload"), name), set()).add(value)
    return bool(seen) and all(len(values) == 1 for values in seen.values())


def models(result, words):
    """The models' names; those that are words are translated."""
    names = {side: str(result.config.get(f"{side}_model", side)) for side in ("high", "low")}
    return {side: words.find(f"model.{name}") or figures.escaped(name) for side, name in names.items()}


def latency_sentence(result, words):
    base = condense.baseline(result)
    parts = []
    for key, name in (("with_headway", "headway"), ("without", base), ("alone", "high-alone")):
        value = condense.median_of(result, name, "high", "p99_ms") if name else None
        if value is not None:
            parts.append(words(f"readme.{key}", value=figures.significant(value)))
    if not parts:
        return ""
    return words("readme.p99", numbers="，".join(parts), **models(result, words))


def throughput_sentence(result, words):
    def rate(name):
        return condense.median_of(result, name, "low", "iterations_per_s") if name else None

    if rate("headway") is None:
        return ""
    others = [words(f"readme.{key}", value=figures.significant(rate(name)))
              for key, name in (("low_without", condense.baseline(result)), ("low_alone", "low-alone"))
              if rate(name) is not None]
    names = models(result, words)
    share = condense.summary(result, "low_vs_exclusive_bound")
    if share is not None:
        share = words("readme.low_share", high=names["high"], share=f"{share * 100:.0f} %")
    return words("readme.low", low=names["low"], value=figures.significant(rate("headway")),
                 share=share or "",
                 others=words("readme.low_others", numbers="，".join(others)) if others else "")


def medians(result, ending, without=None):
    """(name without the ending, median) of the ratios that end so."""
    return [(name.removesuffix(ending), condense.summary(result, name)) for name in result.data["summary"]
            if name.endswith(ending) and not (without and name.endswith(without))]


def other_sentence(result, words):
    """What sums up a file of a benchmark without two models."""
    benchmark = result.data["benchmark"]
    if benchmark == "overhead":
        ratios = "、".join(words("readme.times", ratio=figures.ratio(value), name=figures.code(name))
                          for name, value in medians(result, "_vs_native"))
        key = "readme.overhead_armed" if result.config.get("armed") else "readme.overhead"
        return words(key, ratios=ratios)
    if benchmark == "shim-launch":
        added = medians(result, "_added_ns", without="_least_added_ns")
        return words("readme.shim_launch", added="、".join(
            f"{figures.significant(value)} ns（{figures.code(name)}）" for name, value in added))
    if benchmark == "opencl-latency":
        ratio = condense.summary(result, "latency_vs_native")
        return words("readme.opencl_latency", ratio=figures.ratio(ratio))
    if benchmark == "preempt":
        numbers = {key: figures.significant(condense.summary(result, f"{name}_p99_us"))
                   for key, name in (("headway", "headway"), ("native", "time_slicing"), ("alone", "alone"))}
        return words("readme.preempt", low=models(result, words)["low"], **numbers)
    ratios = "，".join(f"{name} {figures.ratio(value)}" for name, value in medians(result, ""))
    return words("readme.other", benchmark=figures.escaped(benchmark), ratios=ratios)


def headline(result, words):
    text = latency_sentence(result, words) + throughput_sentence(result, words)
    if result.data["benchmark"] in ("overhead", "shim-launch", "opencl-latency", "preempt") or not text:
        text = other_sentence(result, words)
    return text + (words("readme.equal") if outputs_equal(result) else "")


def without_empty_columns(columns, rows):
    keep = [i for i in range(len(columns)) if i == 0 or any(row[i] != figures.DASH for row in rows)]
    return [columns[i] for i in keep], [[row[i] for i in keep] for row in rows]


def latency_table(result, repeats, words):
    rows = []
    for name in condense.names(result):
        numbers = [condense.median_of(result, name, "high", key) for key in HIGH_COLUMNS]
        if numbers[1] is not None:
            rows.append([name, figures.count(numbers[0]), *map(figures.significant, numbers[1:])])
    table = tables.table(*without_empty_columns(words("readme.latency_columns").split("|"), rows))
    title = words("readme.latency_title", **models(result, words))
    return f"#### {title}\n\n{table}\n\n{words('readme.latency_note', repeats=repeats)}"


def throughput_table(result, repeats, words):
    bound = condense.median(load.number(entry, "low", "exclusive_bound_per_s") for entry in result.scenarios)
    rows = []
    for name in condense.names(result):
        rate, images, batch = (condense.median_of(result, name, "low", key)
                               for key in ("iterations_per_s", "images_per_s", "batch"))
        if rate is None:
            continue
        share = f"{rate / bound * 100:.1f}" if bound and name != "low-alone" else figures.DASH
        rows.append([name, figures.significant(rate), figures.significant(images), figures.count(batch),
                     share])
    table = tables.table(*without_empty_columns(words("readme.throughput_columns").split("|"), rows))
    note = words("readme.throughput_note", bound=figures.significant(bound), repeats=repeats,
                 **models(result, words))
    return f"#### {words('readme.throughput_title', **models(result, words))}\n\n{table}\n\n{note}"


def verdict_table(result, words):
    said = {True: "readme.met", False: "readme.missed", None: "readme.undecided"}
    rows = [[figures.escaped(name), words(said[met]), figures.code(detail)]
            for name, (met, detail) in condense.bars(result).items()]
    table = tables.table(words("readme.verdict_columns").split("|"), rows)
    return f"#### {words('readme.verdict_title')}\n\n{table}"


def in_full(result, words):
    repeats = 1 + max(int(entry["repeat"]) for entry in result.scenarios)
    machine = words("readme.machine", machine=tables.host_text(result, words), link=words.link(result.path))
    return "\n\n".join([headline(result, words), latency_table(result, repeats, words),
                        throughput_table(result, repeats, words), verdict_table(result, words), machine])


def overview(results, words):
    rows = [[words.link(result.path, name), figures.ratio(condense.summary(result, "p99_vs_alone")),
             figures.ratio(condense.summary(result, "p50_vs_alone")),
             figures.ratio(condense.summary(result, "low_vs_exclusive_bound"))]
            for name, result in results.items()]
    return tables.table(words("readme.overview_columns").split("|"), rows)


def device_text(name, files, words):
    main = {stem: result for stem, result in files.items() if stem.startswith(MODELS)}
    parts = [f"### {name}"]
    shown = next((stem for stem in IN_FULL if stem in main), None)
    if shown:
        parts.append(in_full(main[shown], words))
    if main.keys() - {shown}:
        parts.append(overview(main, words))
    others = [f"- {headline(result, words)}（{words.link(result.path)}）"
              for stem, result in files.items() if stem not in main]
    return "\n\n".join([*parts, "\n".join(others)]).rstrip()


def results_text(root, words):
    folders = {name: load.load_folder(root, load.RESULTS / name) for name in load.device_folders(root)}
    return "\n\n".join(device_text(name, files, words) for name, files in folders.items() if files)


def render(root):
    """README.zh.md with its results written again. Raises load.BadFile without the markers."""
    text = (root / PATH).read_text(encoding="utf-8")
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        raise load.BadFile(f"{PATH}: it has no '{BEGIN}' ... '{END}'")
    results = results_text(root, words_module.Words("zh", ""))
    return f"{text[:begin + len(BEGIN)]}\n{results}\n{text[end:]}"
