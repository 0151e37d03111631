"""The alternatives: who is on the Pareto front in each workload, told by computation."""
import condense
import figures
import pareto
import tables


def others_told(points, words):
    """"`a`, `b`" or nothing."""
    return words("and").join(figures.code(point.name) for point in points)


def why(device, cell, words):
    """The written reason for this device and workload, or that there is none yet."""
    keys = (f"why.{device.name}.{cell.item.name}", f"why.{cell.item.name}")
    found = next((words.find(key) for key in keys if isinstance(words.find(key), str)), None)
    return found.strip() if found else words("pareto.no_why")


def statement(device, cell, points, words):
    ours = next((point for point in points if point.name == pareto.OURS), None)
    if ours is None:
        return words("pareto.without")
    if len(points) == 1:
        return words("pareto.only")
    better = pareto.beaten_by(ours, points)
    if better:
        best = min(better, key=lambda point: point.latency)
        told = words("pareto.off", others=others_told(better, words), best=figures.code(best.name),
                     p99=figures.ratio(best.latency), our_p99=figures.ratio(ours.latency),
                     low=figures.ratio(best.throughput), our_low=figures.ratio(ours.throughput))
        return told + words("gap") + why(device, cell, words)
    worse = [point for point in points if pareto.beats(ours, point)]
    trades = [point for point in points if point is not ours and point not in worse]
    parts = [words("pareto.on")]
    if worse:
        parts.append(words("pareto.beats", others=others_told(worse, words)))
    for point in trades:
        key = "pareto.more_low" if point.throughput > ours.throughput else "pareto.less_p99"
        parts.append(words(key, other=figures.code(point.name), p99=figures.ratio(point.latency),
                           our_p99=figures.ratio(ours.latency), low=figures.ratio(point.throughput),
                           our_low=figures.ratio(ours.throughput)))
    return words("gap").join(parts)


def points_table(cell, points, words):
    front = pareto.front(points)
    rows = [[figures.code(point.name), figures.ratio(point.latency),
             figures.ratio(condense.p50_vs_alone(cell.result, point.name)), figures.ratio(point.throughput),
             words("yes") if point.name in front else words("no")] for point in points]
    return tables.table(words("columns.pareto").split("|"), rows)


def workload(device, cell, words):
    """Text for one workload, or "" where the file has no such points."""
    title = f"#### {tables.title(cell, words)}"
    if cell.result is None:
        return f"{title}\n\n{tables.missing(cell, words)}" if cell.item.set == "alternatives" else ""
    points = pareto.points(cell.result)
    if not points:
        return ""
    return "\n\n".join([title, points_table(cell, points, words), statement(device, cell, points, words),
                        tables.source(cell, words)])


def plot(device, kind, words):
    told = words(f"plot.{kind}", device=words.device(device.name))
    return f"![{told}](evaluation/{kind}-{device.name}.svg)"


def section(device, has_plot, words):
    parts = [workload(device, cell, words) for cell in device.cells.values()]
    parts = [part for part in parts if part]
    if has_plot:
        parts.insert(0, plot(device, "pareto", words))
    return "\n\n".join([f"### {words.device(device.name)}", *(parts or [words("pareto.nothing")])])


def overall(devices, words):
    """One sentence over all workloads in which something stands beside Headway."""
    on, off = 0, []
    for device in devices:
        for cell in device.measured():
            points = pareto.points(cell.result)
            ours = next((point for point in points if point.name == pareto.OURS), None)
            if ours is None or len(points) < 2:
                continue
            if pareto.beaten_by(ours, points):
                off.append(f"{words.device(device.name)} {figures.code(cell.item.name)}")
            else:
                on += 1
    if not on and not off:
        return words("pareto.nothing")
    text = words("pareto.overall", on=on, all=on + len(off))
    return text + words("gap") + words("pareto.overall_off", off=words("list").join(off)) if off else text
