#!/usr/bin/env python3
"""Tests the generator of the evaluation's pages (bench/evaluation) on small made-up result files."""
import json
import pathlib
import string
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GENERATOR = ROOT / "bench" / "evaluation"
if sys.version_info < (3, 11):
    print("Python 3.11 is needed")
    sys.exit(77)
sys.path.insert(0, str(GENERATOR))

import answers  # noqa: E402
import catalogue  # noqa: E402
import condense  # noqa: E402
import figures  # noqa: E402
import load  # noqa: E402
import matrix  # noqa: E402
import page  # noqa: E402
import pareto  # noqa: E402
import plotdata  # noqa: E402
import readme  # noqa: E402
import sharing  # noqa: E402
import words  # noqa: E402

EN = words.Words("en", "../")


def entry(name, repeat=0, p99=None, rate=None, bound=10.0, **more):
    made = {"name": name, "repeat": repeat, **more}
    if p99 is not None:
        made["high"] = {"p50_ms": p99 / 2, "p99_ms": p99, "max_ms": p99 * 2, "completed_rps": 20.0,
                        "requests": 4, "latencies_ms": [p99 / 4, p99 / 2, p99, p99 * 2]}
    if rate is not None:
        made["low"] = {"iterations_per_s": rate, "images_per_s": rate * 2, "batch": 2,
                       "exclusive_bound_per_s": bound}
    return made


def document(scenarios, benchmark="two-models", **more):
    return {"schema": load.SCHEMA, "benchmark": benchmark, "headway": {"version": "1", "commit": "abc123"},
            "host": {"cpu": "a CPU", "cores": 2},
            "config": {"high_model": "ResNet-18", "low_model": "ResNet-50", "rate": 20.0},
            "scenarios": scenarios, "summary": {}, "verdict": {}, "partial": False, **more}


def four(headway=(2.0, 9.0), native=(8.0, 9.5), **more):
    """The four scenarios; pairs are P99 of high and iterations/s of low."""
    return document([entry("high-alone", p99=2.0), entry("low-alone", rate=11.0),
                     entry("native", p99=native[0], rate=native[1]),
                     entry("headway", p99=headway[0], rate=headway[1])], **more)


class Project:
    """A folder with result files, as the generator expects it."""

    def __init__(self, folder, **files):
        self.root = pathlib.Path(folder)
        (self.root / "bench" / "results" / "cpu").mkdir(parents=True)
        (self.root / readme.PATH).write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n")
        for path, data in files.items():
            self.add(path, data)

    def add(self, path, data):
        """"h200__suite__threads" is h200/suite/threads.json."""
        file = self.root / "bench" / "results" / (path.replace("__", "/").replace("_", "-") + ".json")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(data if isinstance(data, str) else json.dumps(data))

    def devices(self):
        return catalogue.load_devices(self.root)

    def page(self, language="en"):
        return page.render(self.devices(), words.Words(language, "../"))


class WithProject(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = Project(folder.name)


class Pareto(unittest.TestCase):
    def front(self, *pairs):
        points = [pareto.Point(str(i), *pair) for i, pair in enumerate(pairs)]
        return sorted(pareto.front(points))

    def test_beaten_points_are_not_on_the_front(self):
        self.assertEqual(["0", "2"], self.front((1.0, 0.9), (2.0, 0.9), (3.0, 1.0), (3.0, 0.99)))

    def test_equal_points_do_not_beat_each_other(self):
        self.assertEqual(["0", "1"], self.front((1.0, 0.9), (1.0, 0.9)))

    def test_better_in_one_and_equal_in_the_other_beats(self):
        self.assertEqual(["1"], self.front((1.0, 0.9), (1.0, 0.95)))
        self.assertEqual(["0"], self.front((1.0, 0.9), (1.1, 0.9)))

    def test_one_point_is_on_the_front(self):
        self.assertEqual(["0"], self.front((1.0, 0.9)))

    def test_points_are_those_where_both_models_run(self):
        result = load.Result("x.json", four())
        self.assertEqual([("native", 4.0, 0.95), ("headway", 1.0, 0.9)],
                         [(point.name, point.latency, point.throughput) for point in pareto.points(result)])

    def test_ratios_are_taken_within_a_repeat(self):
        # 4 / 2 and 9 / 3: the median of ratios is 2.5, the ratio of medians 2.6.
        result = load.Result("x.json", document([
            entry("high-alone", 0, p99=2.0), entry("headway", 0, p99=4.0, rate=9.0),
            entry("high-alone", 1, p99=3.0), entry("headway", 1, p99=9.0, rate=9.0)]))
        self.assertEqual(2.5, condense.p99_vs_alone(result, "headway"))

    def test_the_summary_is_believed_where_it_has_the_ratio(self):
        data = four(summary={"p99_vs_alone": {"median": 1.5}, "mps_80_p99_vs_alone": {"median": 1.25},
                             "mps_80_low_vs_exclusive_bound": {"median": 0.8}})
        data["scenarios"].append(entry("mps-80", p99=7.0, rate=7.0))
        told = {point.name: point for point in pareto.points(load.Result("x.json", data))}
        self.assertEqual((1.5, 1.25, 0.8),
                         (told["headway"].latency, told["mps-80"].latency, told["mps-80"].throughput))


class Committed(unittest.TestCase):
    def test_ratios_computed_here_are_those_of_the_files(self):
        rules = (("p99_vs_alone", ("high", "p99_ms"), "high-alone"),
                 ("p50_vs_alone", ("high", "p50_ms"), "high-alone"),
                 ("p99_vs_native", ("high", "p99_ms"), "native"),
                 ("low_vs_native", ("low", "images_per_s"), "native"))
        compared = 0
        for device in catalogue.load_devices(ROOT):
            for cell in device.measured():
                for ratio, keys, other in rules:
                    told = condense.summary(cell.result, ratio)
                    if cell.result.data["benchmark"] == "two-models" and told is not None:
                        # With processes the baseline is time-slicing, under the same names.
                        base = other
                        if other == "native":
                            base = cell.result.data["config"].get("baseline", other)
                        made = condense.ratio_within(cell.result, "headway", keys, base)
                        self.assertAlmostEqual(told, made, places=9, msg=f"{cell.result.path} {ratio}")
                        compared += 1
        self.assertGreater(compared, 0)


class Sharing(WithProject):
    def text(self):
        device = next(device for device in self.project.devices() if device.name == "h200")
        return sharing.section(device, False, EN)

    def test_headway_off_the_front_is_told(self):
        self.project.add("h200__suite__two_models_threads", four(headway=(9.0, 9.0)))
        self.assertIn("Headway is **not** on the Pareto front: `native`", self.text())
        self.assertIn(EN("pareto.no_why"), self.text())
        self.assertIn("in 0 of the 1 workloads", sharing.overall(self.project.devices(), EN))

    def test_a_written_reason_is_shown_with_it_and_only_then(self):
        reasoned = words.Words("en", "../")
        reasoned.phrases["why"] = {"two-models-threads": "Kernels are long."}
        self.project.add("h200__suite__two_models_threads", four(headway=(9.0, 9.0)))
        self.assertIn("Kernels are long.", sharing.section(self.project.devices()[0], False, reasoned))
        self.project.add("h200__suite__two_models_threads", four())
        self.assertNotIn("Kernels are long.", sharing.section(self.project.devices()[0], False, reasoned))

    def test_alone_in_its_file_is_no_success(self):
        data = four()
        data["scenarios"] = [one for one in data["scenarios"] if one["name"] != "native"]
        self.project.add("h200__suite__two_models_threads", data)
        self.assertIn(EN("pareto.only"), self.text())
        self.assertEqual(EN("pareto.nothing"), sharing.overall(self.project.devices(), EN))

    def test_an_alternative_is_weighed_against_headway(self):
        data = four()
        data["scenarios"].append(entry("mps", p99=3.0, rate=9.9))
        self.project.add("h200__suite__alternatives_processes", data)
        self.assertIn("`mps` gives low +10.0 % and costs high P99 1.500 instead of 1.000 times alone",
                      answers.alternatives(self.project.devices(), EN))


class Cells(WithProject):
    def test_a_missing_file_is_told_with_its_command(self):
        text = self.project.page()
        self.assertIn("**not measured yet** | `headway-bench suite --set reference --device cpu --quick "
                      "--results bench/results/cpu/suite`", text)
        self.assertIn("0 of 12 files", text)

    def test_a_file_that_appears_fills_its_cell(self):
        before = self.project.page()
        self.project.add("cpu__suite__two_models_threads", four())
        after = self.project.page()
        self.assertNotIn("two-models-threads.json", before)
        self.assertIn("P50 −75.0 %, P99 −75.0 %, low −5.3 % against `native`. P99 1.000 times alone", after)
        self.assertIn("(../bench/results/cpu/suite/two-models-threads.json) `abc123`", after)

    def test_an_older_file_stands_in_until_the_suite_has_its_own(self):
        self.project.add("cpu__two_models", four())
        self.assertIn("two-models.json) † `abc123`", self.project.page())
        self.project.add("cpu__suite__two_models_threads", four())
        self.assertNotIn("†", self.project.page())

    def test_mixes_are_found_by_their_names(self):
        self.project.add("h200__suite__threads", document([], "threads"))
        self.assertEqual(2, self.project.page().count("`mix-NAME`: **not measured yet**"))
        self.project.add("h200__suite__mix_memory_bound", four(benchmark="mix"))
        self.assertEqual(1, self.project.page().count("`mix-NAME`: **not measured yet**"))
        self.assertIn("`mix-memory-bound`: P99 1.000 times alone",
                      answers.memory_bound(self.project.devices(), EN))

    def test_the_workloads_of_the_project_are_wanted(self):
        folder = self.project.root / catalogue.WORKLOADS
        folder.mkdir(parents=True)
        (folder / "long-kernel.toml").write_text("")
        self.assertIn("`mix-long-kernel`: **not measured yet**. `headway-bench suite --set mixes",
                      self.project.page())

    def test_a_mix_is_compared_with_its_first_high_member_alone(self):
        scenarios = [entry("gpt2-alone", p99=2.0), entry("bert-alone"), entry("low-alone", rate=10.0),
                     entry("time-slicing", p99=8.0, rate=9.0), entry("headway", p99=3.0, rate=8.0)]
        data = document(scenarios, "mix", summary={"first_token_p99_vs_alone": {"median": 1.25}})
        self.project.add("h200__suite__mix_two_highs", data)
        text = self.project.page()
        self.assertIn("| `time-slicing` | 4.000 | 4.000 | 0.900 | yes |", text)
        self.assertIn("| `headway` | 1.500 | 1.500 | 0.800 | yes |", text)
        self.assertIn("| `first_token_p99_vs_alone` | 1.250 |", text)

    def test_a_skipped_alternative_is_told_with_its_reason(self):
        self.project.add("h200__suite__alternatives_processes", four(skipped={"mps": "no daemon"}))
        self.assertIn("`mps` was skipped: no daemon.", self.project.page())

    def test_missed_bars_are_told_in_the_words_of_the_file(self):
        verdict = {"ours": {"met": False, "detail": "p99_vs_alone 1.764 (asked: <= 1.05)"},
                   "minimum": {"met": True, "detail": "fine"}, "ideal": {"met": None, "detail": "?"}}
        self.project.add("cpu__suite__two_models_threads", four(verdict=verdict))
        self.assertIn("`p99_vs_alone 1.764 (asked: <= 1.05)`", matrix.missed(self.project.devices(), EN))
        self.assertIn("**missed: `ours`**<br>not decided: `ideal`<br>met: `minimum`", self.project.page())

    def test_an_interrupted_run_is_told(self):
        self.project.add("cpu__suite__two_models_threads", four(partial=True))
        self.assertIn("**The run was interrupted**", self.project.page())

    def test_marked_repeats_are_told(self):
        data = four()
        data["scenarios"][0]["marks"] = ["throttled"]
        self.project.add("cpu__suite__two_models_threads", data)
        self.assertIn("1 of 4 scenario runs are marked", self.project.page())

    def test_a_queue_that_grows_is_told(self):
        self.project.add("cpu__suite__two_models_threads", four(native=(9000.0, 9.0)))
        self.assertIn("| `native` ‡ |", self.project.page())

    def test_threads_have_a_row_for_each_mix(self):
        names = ("high_p50_vs_unscheduled", "high_p99_vs_unscheduled", "high_p50_vs_alone",
                 "high_p99_vs_alone", "total_time_vs_unscheduled")
        summary = {f"mixed_1_15_{name}": {"median": 0.1 * (i + 1)} for i, name in enumerate(names)}
        scenarios = [entry("alone", p99=1.0), entry("unscheduled-16", p99=16.0, total_time_s=3.0)]
        self.project.add("cpu__suite__threads", document(scenarios, "threads", summary=summary))
        text = self.project.page()
        self.assertIn("P99 of a task 1.00 ms with 1 thread, 16.0 ms with 16; 16 threads take 3.00 s", text)
        self.assertIn("high P50 −90.0 %, P99 −80.0 % against unscheduled; P50 0.300, P99 0.400 times", text)

    def test_batches_that_did_not_fit_are_told(self):
        data = four()
        for one in data["scenarios"]:
            if "low" in one:
                one["low"] |= {"batch": 16, "batch_fallbacks": [64, 32]}
        self.project.add("cpu__suite__two_models_fallback", data)
        self.assertIn("| batch 64 → 32 → 16 |", self.project.page())

    def test_text_of_a_file_makes_no_markup(self):
        data = four(host={"cpu": "a | b <script>x</script>\n# c", "cores": 2})
        self.project.add("cpu__suite__two_models_threads", data)
        text = self.project.page()
        self.assertNotIn("<script>", text)
        self.assertIn("a \\| b &lt;script&gt;", text)
        self.assertNotIn("\n# c", text)


class BadFiles(WithProject):
    def run_generator(self):
        command = [sys.executable, "-B", str(GENERATOR), "--only", "markdown",
                   "--root", str(self.project.root)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_a_good_project_is_written(self):
        self.project.add("cpu__two_models", four())
        self.assertEqual(0, self.run_generator().returncode)
        self.assertTrue((self.project.root / "docs" / "evaluation.zh.md").exists())
        text = (self.project.root / readme.PATH).read_text()
        self.assertTrue(text.startswith("before\n") and text.endswith("after\n") and "old" not in text)

    def check_refused(self, data, *told):
        self.project.add("cpu__two_models", data)
        docs = self.project.root / "docs"
        docs.mkdir()
        (docs / "evaluation.md").write_text("as it was")
        done = self.run_generator()
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertEqual(1, done.stderr.count("\n"), done.stderr)
        for words_told in ("bench/results/cpu/two-models.json", *told):
            self.assertIn(words_told, done.stderr)
        self.assertEqual("as it was", (docs / "evaluation.md").read_text())
        self.assertEqual(["evaluation.md"], [file.name for file in docs.iterdir()])
        self.assertIn("old", (self.project.root / readme.PATH).read_text())

    def test_an_older_schema_is_refused(self):
        self.check_refused(four() | {"schema": "headway.bench/0"}, "headway.bench/0", load.SCHEMA)

    def test_broken_json_is_refused(self):
        self.check_refused('{"schema": "headway.bench/1"', "not JSON")

    def test_a_missing_field_is_refused(self):
        data = four()
        del data["verdict"]
        self.check_refused(data, "'verdict'")

    def test_a_nameless_scenario_is_refused(self):
        self.check_refused(document([{"repeat": 0}]), "scenario 0")

    def test_deep_nesting_is_refused(self):
        self.check_refused("[" * 100_000, "nested too deeply")


class Plots(WithProject):
    def test_the_stamp_follows_the_data(self):
        self.project.add("cpu__suite__two_models_threads", four())
        before = [plotdata.stamp(one) for one in plotdata.all_figures(self.project.devices())]
        self.project.add("cpu__suite__two_models_threads", four(headway=(2.5, 9.0)))
        after = [plotdata.stamp(one) for one in plotdata.all_figures(self.project.devices())]
        self.assertEqual(2, len(before))
        self.assertFalse(set(before) & set(after))

    def test_a_curve_ends_where_one_request_is_left(self):
        result = load.Result("x.json", document([entry("headway", p99=4.0, rate=1.0)]))
        curve = plotdata.curve(result, "headway")
        self.assertEqual(0.75, curve["shares"][-1])
        self.assertEqual(1.0, curve["ms"][0])


class Figures(unittest.TestCase):
    def test_numbers_are_rounded_as_in_reports(self):
        for value, text in ((0.2131, "0.213"), (43.12, "43.1"), (1234.4, "1,234"), (2.0, "2.00"), (0, "0.00"),
                            (99.96, "100"), (None, "–")):
            self.assertEqual(text, figures.significant(value))
        for value, text in ((1.0621, "1.062"), (3813.6, "3,814"), (12.34, "12.3"), (None, "–")):
            self.assertEqual(text, figures.ratio(value))
        for value, text in ((0.376, "−62.4 %"), (1.047, "+4.7 %"), (0.0003, "−99.97 %"), (50.0, "× 50.0")):
            self.assertEqual(text, figures.change(value))


def slots_of(phrase):
    return sorted({name for _, name, _, _ in string.Formatter().parse(phrase) if name})


class Languages(WithProject):
    def phrases(self, language, without=("readme", "model", "why")):
        found = {}

        def walk(prefix, values):
            for key, value in values.items():
                if isinstance(value, dict):
                    walk(f"{prefix}{key}.", value)
                else:
                    found[f"{prefix}{key}"] = value
        phrases = words.Words(language, "").phrases
        walk("", {key: value for key, value in phrases.items() if key not in without})
        return found

    def test_both_have_the_same_phrases_with_the_same_slots(self):
        english, chinese = self.phrases("en"), self.phrases("zh")
        self.assertEqual(sorted(english), sorted(chinese))
        for key, phrase in english.items():
            self.assertEqual(slots_of(phrase), slots_of(chinese[key]), key)
            if key.startswith("columns."):
                self.assertEqual(phrase.count("|"), chinese[key].count("|"), key)

    def test_both_reasons_are_written_for_the_same_workloads(self):
        why = [words.Words(language, "").phrases.get("why") for language in words.LANGUAGES]
        self.assertEqual(sorted(why[0]), sorted(why[1]))

    def test_both_pages_have_the_same_numbers(self):
        self.project.add("cpu__suite__two_models_threads", four())
        tables = [[line for line in self.project.page(language).splitlines() if line.startswith("| `")]
                  for language in words.LANGUAGES]
        scenarios = [[line for line in lines if "`headway`" in line or "`native`" in line]
                     for lines in tables]
        self.assertEqual([line.rsplit(" | ", 1)[0] for line in scenarios[0]],
                         [line.rsplit(" | ", 1)[0] for line in scenarios[1]])
        self.assertTrue(scenarios[0])

    def test_a_slot_without_words_is_an_error(self):
        with self.assertRaises(KeyError):
            EN.fill("page", {"matrix": "x"})


if __name__ == "__main__":
    unittest.main()
