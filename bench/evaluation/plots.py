"""Draws plotdata's figures as SVG. The only module that needs matplotlib; equal data gives equal bytes."""
import math

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402 the backend comes first
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator  # noqa: E402

import plotdata  # noqa: E402

COLUMNS = 2
PANEL_WIDTH, PANEL_HEIGHT = 5.2, 3.5  # inches
# Okabe and Ito's colours, which people with colour blindness can tell apart.
COLOURS = {"headway": "#d55e00", "native": "#000000", "time-slicing": "#000000", "high-alone": "#009e73",
           "alone": "#009e73", "stream-priority": "#0072b2", "mps": "#56b4e9", "mps-priority": "#cc79a7"}
MORE_COLOURS = ("#e69f00", "#999999", "#8c6d31", "#7b4173", "#637939")
SHARES_SHOWN = (0, 0.5, 0.9, 0.99, 0.999)
# Finest first: the first that gives few enough ticks is taken.
TICK_STEPS = ((1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9), (1, 1.5, 2, 3, 4, 5, 7),
              (1, 2, 5), (1,))
TICKS_MAX = 8
SETTINGS = {"svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif", "axes.grid": True,
            "grid.color": "#dddddd", "grid.linewidth": 0.6, "axes.axisbelow": True}


def alike(name):
    """The scenario of the two models that one of the threads' scenarios corresponds to."""
    for beginning, other in (("mixed-", "headway"), ("unscheduled-", "native"), ("alone-", "alone")):
        if name.startswith(beginning):
            return other
    return "high-alone" if name.endswith("-alone") else name


def colours_of(names):
    """Scenario -> colour; the same in all panels of a figure."""
    more = [name for name in sorted(set(names)) if alike(name) not in COLOURS]
    extra = {name: MORE_COLOURS[i % len(MORE_COLOURS)] for i, name in enumerate(more)}
    return {name: extra.get(name) or COLOURS[alike(name)] for name in names}


def plain(value, _position=None):
    return f"{value:,.6g}"


def log_ticks(least, largest):
    """Round numbers between the two, as many as there is room for."""
    decades = range(math.floor(math.log10(least)), math.ceil(math.log10(largest)) + 1)
    ticks = []
    for steps in TICK_STEPS:
        ticks = [round(step * 10.0 ** decade, 9) for decade in decades for step in steps]
        ticks = [tick for tick in ticks if least <= tick <= largest]
        if len(ticks) <= TICKS_MAX:
            break
    return ticks


def set_log_axis(axes, least, largest):
    axes.set_xscale("log")
    axes.set_xlim(least, largest)
    axes.xaxis.set_major_locator(FixedLocator(log_ticks(least, largest)))
    axes.xaxis.set_major_formatter(FuncFormatter(plain))
    axes.xaxis.set_minor_locator(NullLocator())


def draw_pareto(axes, panel, colours):
    points = panel["points"]
    for point in points:
        colour = colours[point["name"]]
        axes.scatter([point["latency"]], [point["throughput"]], s=46, zorder=3, edgecolors=colour,
                     facecolors=colour if point["front"] else "white")
        axes.annotate(point["name"], (point["latency"], point["throughput"]), xytext=(6, 5),
                      textcoords="offset points", color=colour)
    front = sorted((point["latency"], point["throughput"]) for point in points if point["front"])
    axes.step(*zip(*front), where="post", color="#999999", linewidth=0.9, zorder=2)
    axes.axvline(1, color="#009e73", linewidth=0.8, linestyle=":")
    axes.axhline(1, color="#009e73", linewidth=0.8, linestyle=":")
    largest = max(1, *(point["latency"] for point in points))
    least = min(1, *(point["latency"] for point in points))
    set_log_axis(axes, least / 1.15, max(2, largest) * max(1.6, largest ** 0.22))  # room for the names
    values = [1, *(point["throughput"] for point in points)]
    room = max(0.05, (max(values) - min(values)) * 0.2)
    axes.set_ylim(min(values) - room, max(values) + room)
    axes.set_xlabel("P99 of high / alone (log; less is better)")
    axes.set_ylabel("low / exclusive bound")


def nines(shares):
    """0.9 -> 1, 0.99 -> 2: gives each further nine of the tail the same room."""
    return [-math.log10(1 - share) for share in shares]


def draw_cdf(axes, panel, colours):
    for curve in panel["curves"]:
        alone = "alone" in curve["name"]
        axes.plot(curve["ms"], nines(curve["shares"]), color=colours[curve["name"]], linewidth=1.4,
                  linestyle="--" if alone else "-", label=curve["name"])
    values = [value for curve in panel["curves"] for value in curve["ms"] if value > 0]
    set_log_axis(axes, min(values) / 1.1, max(values) * 1.1)
    axes.set_yticks(nines(SHARES_SHOWN), [plain(share) for share in SHARES_SHOWN])
    axes.set_xlabel("latency of high, ms (log)")
    axes.set_ylabel("share of requests (tail stretched)")
    axes.legend(fontsize=7.5, loc="best", framealpha=0.85)


DRAW = {"pareto": (draw_pareto, "points"), "cdf": (draw_cdf, "curves")}


def draw(figure, path):
    """Writes one figure as SVG to `path`."""
    draw_panel, members = DRAW[figure["kind"]]
    panels = figure["panels"]
    colours = colours_of([one["name"] for panel in panels for one in panel[members]])
    columns = min(COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    with matplotlib.rc_context(SETTINGS | {"svg.hashsalt": figure["name"]}):
        drawing, all_axes = plt.subplots(rows, columns, squeeze=False, layout="constrained",
                                         figsize=(PANEL_WIDTH * columns, PANEL_HEIGHT * rows))
        for index, axes in enumerate(all_axes.flat):
            if index >= len(panels):
                axes.set_visible(False)
                continue
            axes.set_title(panels[index]["title"], loc="left", fontsize=10)
            draw_panel(axes, panels[index], colours)
        drawing.savefig(path, format="svg", metadata={"Date": None, "Creator": None,
                                                      "Description": plotdata.stamp(figure)})
        plt.close(drawing)
    tidy(path)


def tidy(path):
    """matplotlib ends some lines with a space, which the repository does not have."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(line.rstrip() for line in lines) + "\n")
