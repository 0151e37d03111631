"""Numbers of one result file: medians over the repeats, ratios within a repeat. Missing ones are None."""
import statistics

import load

# Tables and plots list scenarios in this order, all others by name before the last one.
FIRST = ("high-alone", "low-alone", "alone", "alone-3", "alone-2-think", "unscheduled-16",
         "unscheduled-1-15", "mixed-1-15", "unscheduled-3-13", "mixed-3-13", "unscheduled-2-6", "mixed-2-6",
         "native", "time-slicing", "stream-priority")
LAST = ("gate-only", "headway")
BARS = ("minimum", "ideal", "ours")
BASELINES = ("native", "time-slicing")
# Where more requests than this wait at the median, the queue grows for as long as the run lasts.
WAITING_MAX = 10


def is_alone(name):
    """Whether only one model runs in it: high-alone, low-alone or, in a mix, NAME-alone."""
    return name.endswith("-alone")


def order_of(name):
    if name in FIRST:
        return (0, FIRST.index(name), name)
    if is_alone(name):
        return (-1, 0, name)
    if name in LAST:
        return (2, LAST.index(name), name)
    return (1, 0, name)


def names(result):
    return sorted({entry["name"] for entry in result.scenarios}, key=order_of)


def entries(result, name, workload=None):
    return [entry for entry in result.scenarios
            if entry["name"] == name and (workload is None or entry.get("workload") == workload)]


def alone(result):
    """The scenario with only the high model; in a mix, with the first of them."""
    there = names(result)
    return next((name for name in there
                 if is_alone(name) and median_of(result, name, "high", "p99_ms") is not None), None)


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def median_of(result, name, *keys):
    return median(load.number(entry, *keys) for entry in entries(result, name))


def baseline(result):
    """The scenario with both and nothing scheduled, or None."""
    there = names(result)
    return next((name for name in BASELINES if name in there), None)


def ratio_within(result, name, keys, other, other_keys=None):
    """The median over the repeats of name's number / other's number, both of the same repeat."""
    below = {entry["repeat"]: load.number(entry, *(other_keys or keys)) for entry in entries(result, other)}
    values = []
    for entry in entries(result, name):
        above, under = load.number(entry, *keys), below.get(entry["repeat"])
        if above is not None and under:
            values.append(above / under)
    return median(values)


def summary(result, ratio):
    return load.number(result.data["summary"], ratio, "median")


def interval(result, ratio):
    """(low, high) of the 95 % interval, or None."""
    ends = result.data["summary"].get(ratio, {}).get("ci95")
    if not isinstance(ends, list) or len(ends) != 2 or not all(isinstance(end, (int, float)) for end in ends):
        return None
    return tuple(ends)


def p99_vs_alone(result, name):
    """From the summary where it is there, since readers will look for it in the file."""
    told = summary(result, "p99_vs_alone" if name == "headway" else f"{underscored(name)}_p99_vs_alone")
    return told if told is not None else ratio_within(result, name, ("high", "p99_ms"), alone(result))


def p50_vs_alone(result, name):
    told = summary(result, "p50_vs_alone" if name == "headway" else f"{underscored(name)}_p50_vs_alone")
    return told if told is not None else ratio_within(result, name, ("high", "p50_ms"), alone(result))


def low_vs_bound(result, name):
    ratio = "low_vs_exclusive_bound"
    told = summary(result, ratio if name == "headway" else f"{underscored(name)}_{ratio}")
    if told is not None:
        return told
    values = []
    for entry in entries(result, name):
        rate = load.number(entry, "low", "iterations_per_s")
        bound = load.number(entry, "low", "exclusive_bound_per_s")
        if rate is not None and bound:
            values.append(rate / bound)
    return median(values)


def underscored(name):
    return name.replace("-", "_")


def never_catches_up(result, name):
    """True where high gets more requests than this scenario serves: its latency is the run's length."""
    p50, rate = median_of(result, name, "high", "p50_ms"), load.number(result.config, "rate")
    return p50 is not None and bool(rate) and p50 > WAITING_MAX * 1000 / rate


def bars(result):
    """Bar -> (True, False or None; the file's own words); the weakest first."""
    verdict = result.data["verdict"]
    ordered = [*(name for name in BARS if name in verdict), *(name for name in verdict if name not in BARS)]
    return {name: (verdict[name].get("met") if isinstance(verdict[name].get("met"), bool) else None,
                   str(verdict[name].get("detail", ""))) for name in ordered}


def skipped(result):
    """Scenario -> why it could not run there."""
    told = result.data.get("skipped")
    return told if isinstance(told, dict) else {}


def marked(result):
    """How many scenario runs are marked as throttled or outlying."""
    return sum(1 for entry in result.scenarios if entry.get("marks"))
