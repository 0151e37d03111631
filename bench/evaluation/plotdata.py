"""What the plots show, as plain data. A plot carries the digest of its data, so that one that is older than
the results is found without drawing it again."""
import hashlib
import json
import math

import condense
import pareto
from load import number

# Where the curve of a distribution has its points; of the tail only what some request lies beyond.
SHARES = (0, 0.01, 0.02, *(i / 20 for i in range(1, 20)), 0.96, 0.97, 0.98, 0.99, 0.995, 0.999)
# Mixes of `threads` (high, low) and the scenario with their high threads alone.
MIXES = {"1-15": "alone", "3-13": "alone-3", "2-6": "alone-2-think"}


def rounded(value):
    """Four digits: more can't be seen, and would make new plots of the same picture."""
    return float(f"{value:.4g}")


def quantile(ordered, share):
    """Linear between neighbours, as the benchmarks take percentiles."""
    at = share * (len(ordered) - 1)
    below = math.floor(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


def pooled(result, name):
    """The latencies of high in all repeats of a scenario, in order of size."""
    values = []
    for entry in condense.entries(result, name):
        values += (entry.get("high") or {}).get("latencies_ms") or []
    return sorted(value for value in values if number({"x": value}, "x") is not None)


def curve(result, name):
    values = pooled(result, name)
    shares = [share for share in SHARES if (1 - share) * len(values) >= 1]
    return {"name": name, "requests": len(values), "shares": shares,
            "ms": [rounded(quantile(values, share)) for share in shares]}


def cdf_panel(result, title, names):
    curves = [curve(result, name) for name in names]
    curves = [one for one in curves if one["requests"]]
    return [{"title": title, "curves": curves}] if len(curves) > 1 else []


def cdf_panels(cell):
    """Of `threads` each mix by itself, beside its high threads alone."""
    # The lengths of operators are no latencies.
    if cell.result.data["benchmark"] == "operators":
        return []
    if cell.result.data["benchmark"] != "threads":
        return cdf_panel(cell.result, cell.item.name, condense.names(cell.result))
    panels = []
    for mix, alone in MIXES.items():
        panels += cdf_panel(cell.result, f"{cell.item.name} {mix.replace('-', ' + ')}",
                            (alone, f"unscheduled-{mix}", f"mixed-{mix}"))
    return panels


def pareto_panels(cell):
    points = pareto.points(cell.result)
    front = pareto.front(points)
    if not points:
        return []
    return [{"title": cell.item.name,
             "points": [{"name": point.name, "latency": rounded(point.latency),
                         "throughput": rounded(point.throughput), "front": point.name in front}
                        for point in points]}]


PANELS = {"pareto": pareto_panels, "cdf": cdf_panels}


def figure(device, kind):
    """None where there is nothing to plot."""
    panels = [panel for cell in device.measured() for panel in PANELS[kind](cell)]
    return {"name": f"{kind}-{device.name}", "kind": kind, "panels": panels} if panels else None


def all_figures(devices):
    found = [figure(device, kind) for device in devices for kind in PANELS]
    return [one for one in found if one]


def digest(one):
    return hashlib.sha256(json.dumps(one, sort_keys=True).encode()).hexdigest()


def stamp(one):
    """What a plot's file has in it."""
    return f"data sha256 {digest(one)}"
