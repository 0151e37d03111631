"""What both examples share: options, repeats in random order, the table, the result file."""
import argparse
import datetime
import json
import os
import platform
import random
import shutil
import signal
import statistics
import subprocess
import sys

SCENARIOS = ("high-alone", "low-alone", "native", "headway")
# What each device gets by default. On a CPU both models share one core, and requests come at random
# (Poisson): with so few of them, evenly spaced ones would never queue.
DEFAULTS = {
    "cpu": {"duration": 15.0, "warm_up": 2.0, "rate": 7.0, "arrivals": "poisson", "low_batch": 2},
    "cuda": {"duration": 60.0, "warm_up": 5.0, "rate": 20.0, "arrivals": "uniform", "low_batch": 512},
}
# The C library's allocator gives large tensors back to the kernel at once; this keeps them.
MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(2_000_000_000)}


def parse_options(description, extra=None):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--device", default="cpu", help="cpu (the default) or cuda:N")
    parser.add_argument("--scenarios", default=",".join(SCENARIOS), help="default: %(default)s")
    parser.add_argument("--repeats", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--duration", type=float, help="measured seconds; cpu: 15, cuda: 60")
    parser.add_argument("--warm-up", type=float, help="seconds before; cpu: 2, cuda: 5")
    parser.add_argument("--rate", type=float, help="requests per second; cpu: 7, cuda: 20")
    parser.add_argument("--arrivals", choices=("uniform", "poisson"), help="cpu: poisson, cuda: uniform")
    parser.add_argument("--high-batch", type=int, default=1, help="images per request (default: 1)")
    parser.add_argument("--low-batch", type=int, help="images per pass; cpu: 2, cuda: 512")
    parser.add_argument("--high-priority", type=int, default=10, help="default: %(default)s")
    parser.add_argument("--low-priority", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="of the arrivals and of the order of runs")
    parser.add_argument("--headway", default=shutil.which("headway"), help="the headway program")
    parser.add_argument("--json", help="write the result here, for `headway report`")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    if extra is not None:
        extra(parser)
    options = parser.parse_args()
    for name, value in DEFAULTS["cpu" if options.device == "cpu" else "cuda"].items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    unknown = set(options.scenarios.split(",")) - set(SCENARIOS)
    if unknown:
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    if "headway" in options.scenarios.split(",") and not options.headway:
        parser.error("the headway program was not found; name it with --headway, or leave that scenario out")
    return options


def environment(options):
    """That of a process of any scenario: in no lane by accident."""
    env = {name: value for name, value in os.environ.items() if name != "HEADWAY_PRIORITY"}
    if options.device == "cpu":
        env["HEADWAY_TORCH"] = "1"  # also where there is a GPU, for which the models have no use
    return {**env, **MALLOC}


def share_one_core(options):
    """On a CPU: this process and its children run on one core, which is then the shared device."""
    if options.device == "cpu":
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def measure(benchmark, options, run_scenario):
    """Runs the scenarios, `repeats` times each in random order, and writes the table and the file.

    run_scenario(name, repeat) returns an entry of the result file, with the facts about the host
    under "host". Returns the exit status.
    """
    wanted = [(repeat, name) for repeat in range(options.repeats) for name in options.scenarios.split(",")]
    # Shuffled within each repeat, so that a slow change of the machine meets all scenarios alike.
    generator = random.Random(options.seed)
    wanted.sort(key=lambda run: (run[0], generator.random()))
    host, scenarios, failure = describe_host(options), [], None
    # Whoever ends this with TERM (a scheduler, `timeout`) wants to keep what is measured, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    seconds = len(wanted) * (options.warm_up + options.duration)
    print(f"{len(wanted)} runs on {options.device}, {seconds / 60:.0f} minutes and what the starts take",
          file=sys.stderr, flush=True)
    try:
        for number, (repeat, name) in enumerate(wanted, 1):
            entry = run_scenario(name, repeat)
            host.update(entry.pop("host", {}))
            scenarios.append({"name": name, "repeat": repeat, **entry})
            print(f"[{number}/{len(wanted)}] {name}: {in_short(entry)}", file=sys.stderr, flush=True)
    except (subprocess.CalledProcessError, RuntimeError, KeyboardInterrupt) as error:
        failure = str(error) or type(error).__name__
    result = finish(benchmark, options, host, scenarios, partial=len(scenarios) < len(wanted))
    print_table(result)
    if options.json and scenarios:
        with open(options.json, "w") as file:
            json.dump(result, file, indent=1)
            file.write("\n")
    if failure is not None:
        print(f"stopped: {failure}", file=sys.stderr)
    return 1 if failure is not None else 0


def in_short(entry):
    """What a scenario run gave, for whoever watches."""
    parts = []
    if "high" in entry:
        latencies = entry["high"]["latencies_ms"]
        parts.append(f"high P50 {quantile(latencies, 0.5):.1f} ms, P99 {quantile(latencies, 0.99):.1f} ms")
    if "low" in entry:
        parts.append(f"low {entry['low']['images_per_s']:.1f} images/s")
    return ", ".join(parts)


def describe_host(options):
    cpu = "unknown"
    with open("/proc/cpuinfo") as file:
        cpu = next((line.split(": ", 1)[1].strip() for line in file if line.startswith("model name")), cpu)
    host = {"cpu": cpu, "cores": len(os.sched_getaffinity(0)), "gpu": None, "driver": None}
    if options.device != "cpu" and os.path.exists("/proc/driver/nvidia/version"):
        with open("/proc/driver/nvidia/version") as file:
            host["driver"] = next((word for word in file.readline().split() if word.count(".") == 2), None)
    host["kernel"] = " ".join(platform.uname()[i] for i in (0, 2, 4))
    host["python"] = platform.python_version()
    return host


def quantile(values, p):
    values = sorted(values)
    rank = p * (len(values) - 1)
    below = int(rank)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (rank - below)


def median_with_interval(values, seed):
    """The median, and a 95 % interval of it by drawing the values again (bootstrap)."""
    if len(values) < 2:
        return {"median": statistics.median(values), "ci95": None}
    generator = random.Random(seed)
    medians = [statistics.median(generator.choices(values, k=len(values))) for _ in range(5000)]
    return {"median": statistics.median(values), "ci95": [quantile(medians, 0.025), quantile(medians, 0.975)]}


def add_percentiles(high):
    latencies = high["latencies_ms"]
    high.update(requests=len(latencies), mean_ms=statistics.fmean(latencies), max_ms=max(latencies))
    for name, p in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)):
        high[f"{name}_ms"] = quantile(latencies, p)
    for name, value in high.items():
        if isinstance(value, list):
            high[name] = [round(number, 3) for number in value]


def add_exclusive_bounds(scenarios, rate):
    """What is left for low if high takes the device for exactly as long as it does alone."""
    by_name = {(entry["repeat"], entry["name"]): entry for entry in scenarios}
    for entry in scenarios:
        high = by_name.get((entry["repeat"], "high-alone"))
        low = by_name.get((entry["repeat"], "low-alone"))
        if high and low and "high" in entry and "low" in entry:
            left = max(0.0, 1 - rate * high["high"]["mean_service_ms"] / 1000)
            entry["low"]["exclusive_bound_per_s"] = low["low"]["iterations_per_s"] * left


RATIOS = (
    ("p50_vs_alone", "high", "p50_ms", "high-alone"),
    ("p99_vs_alone", "high", "p99_ms", "high-alone"),
    ("p50_vs_native", "high", "p50_ms", "native"),
    ("p99_vs_native", "high", "p99_ms", "native"),
    ("low_vs_alone", "low", "images_per_s", "low-alone"),
    ("low_vs_native", "low", "images_per_s", "native"),
)


def summarise(scenarios, seed):
    """Ratios within each repeat: headway's number over that of another scenario."""
    by_name = {(entry["repeat"], entry["name"]): entry for entry in scenarios}
    ratios = {}
    for (repeat, name), entry in by_name.items():
        if name != "headway":
            continue
        for ratio, model, field, other in RATIOS:
            if (repeat, other) in by_name:
                value = entry[model][field] / by_name[repeat, other][model][field]
                ratios.setdefault(ratio, []).append(value)
        if "exclusive_bound_per_s" in entry["low"]:
            value = entry["low"]["iterations_per_s"] / entry["low"]["exclusive_bound_per_s"]
            ratios.setdefault("low_vs_exclusive_bound", []).append(value)
    return {name: median_with_interval(values, seed) for name, values in sorted(ratios.items())}


# (ratio, limit, at most or at least), by benchmark and device.
BARS = {
    ("python-threads", "cuda"): (("p99_vs_native", 0.05, "<="), ("low_vs_native", 0.95, ">=")),
    ("python-processes", "cuda"): (("p99_vs_alone", 1.10, "<="), ("low_vs_native", 0.95, ">=")),
    ("python-threads", "cpu"): (("p99_vs_native", 0.9, "<="), ("low_vs_native", 0.8, ">=")),
    ("python-processes", "cpu"): (("p99_vs_native", 0.9, "<="), ("low_vs_native", 0.8, ">=")),
}


def judge(benchmark, device, scenarios, summary, partial):
    hashes = {}
    for entry in scenarios:
        for model, sha256 in entry["output_sha256"].items():
            hashes.setdefault(model, set()).add(sha256)
    equal = all(len(found) == 1 for found in hashes.values())
    detail = f"{len(scenarios)} scenario runs; outputs {'are the same' if equal else 'DIFFER'} in all of them"
    counters = [entry.get("counters", {}) for entry in scenarios if entry["name"] == "headway"]
    scheduled = all(lanes.get("low", {}).get("held", 0) > 0 for lanes in counters)
    if not scheduled:
        detail += "; low was NEVER HELD in a run under Headway"
    verdict = {"minimum": {"met": equal and scheduled and not partial, "detail": detail}}
    met, details = True, []
    for ratio, limit, sense in BARS[benchmark, "cpu" if device == "cpu" else "cuda"]:
        if ratio not in summary:
            met = None if met is True else met
            details.append(f"{ratio} was not measured")
            continue
        value = summary[ratio]["median"]
        if not (value <= limit if sense == "<=" else value >= limit):
            met = False
        details.append(f"{ratio} {value:.3f} (asked: {sense} {limit})")
    verdict["ours"] = {"met": met, "detail": "; ".join(details)}
    return verdict


def finish(benchmark, options, host, scenarios, partial):
    for entry in scenarios:
        if "high" in entry:
            add_percentiles(entry["high"])
    add_exclusive_bounds(scenarios, options.rate)
    summary = summarise(scenarios, options.seed)
    hidden = ("child", "headway", "json")
    config = {name: value for name, value in vars(options).items() if name not in hidden}
    config.update(scenarios=options.scenarios.split(","), high_model="ResNet-18", low_model="ResNet-50")
    return {
        "schema": "headway.bench/1",
        "benchmark": benchmark,
        "created": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "headway": headway_version(options),
        "host": host,
        "config": config,
        "scenarios": scenarios,
        "summary": summary,
        "verdict": judge(benchmark, options.device, scenarios, summary, partial),
        "partial": partial,
    }


def headway_version(options):
    words = ["unknown", "unknown"]
    if options.headway:
        command = [options.headway, "--version"]
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        words = output.replace("(", " ").replace(")", " ").split()[1:] + words
    return {"version": words[0], "commit": words[1]}


def print_table(result):
    """Medians over the repeats."""
    columns = (("high", "p50_ms", 10), ("high", "p99_ms", 10), ("low", "images_per_s", 12))
    print(f"\n{'':12}{'P50 ms':>10}{'P99 ms':>10}{'images/s':>12}")
    for name in result["config"]["scenarios"]:
        row = f"{name:12}"
        for model, field, width in columns:
            values = [e[model][field] for e in result["scenarios"] if e["name"] == name and model in e]
            row += f"{statistics.median(values):{width}.2f}" if values else " " * (width - 1) + "-"
        print(row)
    print()
    for name, ratio in result["summary"].items():
        print(f"{name:24}{ratio['median']:8.3f}")
    for name, bar in result["verdict"].items():
        print(f"{name}: {'met' if bar['met'] else 'not met'}: {bar['detail']}")
