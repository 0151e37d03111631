// Rendering: that the numbers of a file arrive in each format, in words that fit them.
#include "report/format.h"
#include "report/report.h"
#include "tests/report/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace headway::report {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

BenchResult parsed(const json& file) {
    auto result = parse_result(file.dump());
    EXPECT_TRUE(result.ok()) << result.status().message();
    return std::move(result.value());
}

// Three repeats with P99s whose median is known.
BenchResult with_known_p99() {
    json file = test::sample_two_models(3, 20);
    int repeat_of_headway = 0;
    for (json& scenario : file["scenarios"]) {
        const std::string name = scenario["name"];
        if (name == "headway") scenario["high"]["p99_ms"] = 40 + 3 * repeat_of_headway++;
        if (name == "native") scenario["high"]["p99_ms"] = 210;
        if (name == "high-alone") scenario["high"]["p99_ms"] = 38;
    }
    return parsed(file);
}

std::string table_of(const BenchResult& result) {
    const auto text = render_table(result);
    EXPECT_TRUE(text.ok()) << text.status().message();
    return text.value();
}

std::string markdown_of(const BenchResult& result) {
    const auto text = render_markdown(result);
    EXPECT_TRUE(text.ok()) << text.status().message();
    return text.value();
}

// Where Chart.js is not installed the page can't be made, and that is said.
#define HTML_OR_SKIP(text, result)                                         \
    const auto text##_page = render_html(result);                          \
    if (!text##_page.ok()) GTEST_SKIP() << text##_page.status().message(); \
    const std::string& text = text##_page.value()

TEST(Render, SaysTheResultInTwoSentences) {
    const std::string text = table_of(with_known_p99());
    EXPECT_THAT(text,
                HasSubstr("P99 latency of ResNet-18 beside ResNet-50: 43.0 ms with Headway, 210 ms "
                          "without, 38.0 ms alone.\n"));
    EXPECT_THAT(text,
                HasSubstr("Meanwhile 2.43 iterations/s of ResNet-50 (2.72 without, 3.10 alone), "
                          "98 % of what ResNet-18 leaves it.\n"));
    EXPECT_THAT(text, HasSubstr("The outputs are equal in all scenarios.\n"));
}

TEST(Render, TableHasMediansBoundAndVerdict) {
    const std::string text = table_of(with_known_p99());
    EXPECT_THAT(text, ContainsRegex("\n  headway +20 .* 43\\.0 "));
    EXPECT_THAT(text, HasSubstr("median of 3 repeats"));
    // 3.1 it/s x (1 - 8/s x 24 ms x 1.04) = 2.48 it/s
    EXPECT_THAT(text, HasSubstr("The exclusive bound, 2.48 it/s"));
    EXPECT_THAT(text, ContainsRegex("\n  p99_vs_native +0\\.380 +0\\.369 to 0\\.395 "));
    EXPECT_THAT(text, ContainsRegex("\n  ours +not met +P99 is 1\\.16 of alone"));
    EXPECT_THAT(text, ContainsRegex("\n  headway, low +128 +4,290 +1,430 +0 "));
}

TEST(Render, UsesTheBoundOfTheFileWhereThereIsOne) {
    json file = test::sample_two_models(1, 20);
    for (json& scenario : file["scenarios"]) {
        if (scenario["name"] == "headway") scenario["low"]["exclusive_bound_per_s"] = 2.6;
    }
    EXPECT_THAT(table_of(parsed(file)), HasSubstr("The exclusive bound, 2.60 it/s"));
}

TEST(Render, WarnsAboutPartialRunsFallbacksAndUnequalOutputs) {
    json file = test::sample_two_models(2, 20);
    file["partial"] = true;
    json& first = file["scenarios"][0];
    first["low"]["batch"] = 128;
    first["low"]["batch_fallbacks"] = {512, 256};
    first["output_sha256"]["low"] = "something else";
    for (const std::string& text : {table_of(parsed(file)), markdown_of(parsed(file))}) {
        EXPECT_THAT(text, HasSubstr("The run was interrupted"));
        EXPECT_THAT(text, HasSubstr("because 512, 256 did not fit in memory"));
        EXPECT_THAT(text, HasSubstr("outputs are not the same in all scenarios"));
        EXPECT_THAT(text, Not(HasSubstr("The outputs are equal")));
    }
}

TEST(Render, SaysWhyAScenarioWasSkippedAndWhatAlternativesAreComparedWith) {
    json file = test::sample_two_models(2, 20);
    file["skipped"] = {{"mps-80", "there is no\nnvidia-cuda-mps-control in PATH"}};
    file["summary"]["time_slicing_p99_vs_alone"] = {{"median", 1.5}, {"ci95", nullptr}};
    const BenchResult result = parsed(file);
    for (const std::string& text : {table_of(result), markdown_of(result)}) {
        EXPECT_THAT(text, HasSubstr("mps-80 was skipped: there is no"));
        EXPECT_THAT(text, HasSubstr("P99 with time-slicing / alone"));
    }
    HTML_OR_SKIP(html, result);
    EXPECT_THAT(html, HasSubstr("mps-80 was skipped: there is no"));
}

TEST(Render, ManagesWithAlmostNothing) {
    json file = test::sample_two_models(0, 0);
    file["summary"] = json::object();
    file["verdict"] = json::object();
    const BenchResult empty = parsed(file);
    EXPECT_THAT(table_of(empty), HasSubstr("No scenario finished."));
    EXPECT_THAT(markdown_of(empty), HasSubstr("No scenario finished."));
    HTML_OR_SKIP(html, empty);
    EXPECT_THAT(html, HasSubstr("No scenario finished."));
}

TEST(Render, ShowsOverheadByItsRatios) {
    const std::string text = table_of(parsed(test::sample_overhead(3)));
    EXPECT_THAT(text, HasSubstr("Benchmark overhead"));
    EXPECT_THAT(text,
                HasSubstr("takes this many times its native time: 0.998 (high), 1.002 (low)."));
    EXPECT_THAT(text, ContainsRegex("\n  low: native +3\\.10 "));
    EXPECT_THAT(text,
                ContainsRegex("\n  high_vs_native +0\\.998 .* time of a pass with Headway / "));
    EXPECT_THAT(text, ContainsRegex("\n  alone is free +met "));
}

TEST(Render, ShowsUnknownBenchmarksByTheirRatios) {
    json file = test::sample_overhead(2);
    file["benchmark"] = "something-new";
    file["summary"] = {{"a", {{"median", 1.5}, {"ci95", nullptr}}}, {"b", {{"median", 1.1}}}};
    const std::string text = table_of(parsed(file));
    EXPECT_THAT(text, HasSubstr("Benchmark something-new"));
    EXPECT_THAT(text, HasSubstr("Of 2 ratios, a is the farthest from 1: 1.500."));
    EXPECT_THAT(text, ContainsRegex("\n  b +1\\.100\n"));
}

TEST(Render, WarnsThatAPercentileOfFewRequestsMeansLittle) {
    EXPECT_THAT(table_of(parsed(test::sample_two_models(1, 99))),
                HasSubstr("Only 99 requests in a"));
    EXPECT_THAT(table_of(parsed(test::sample_two_models(1, 100))), Not(HasSubstr("Only 100")));
}

TEST(Render, CountsRequestsThatWereGivenUp) {
    json file = test::sample_two_models(2, 20);
    for (json& scenario : file["scenarios"]) {
        if (scenario["name"] == "native") scenario["high"]["unfinished"] = 40;
    }
    EXPECT_THAT(table_of(parsed(file)), HasSubstr("native: 80 requests were given up"));
}

TEST(Render, MarkdownHasOneRowPerScenarioAndEscapesForeignText) {
    json file = test::sample_two_models(1, 20);
    file["scenarios"][0]["name"] = "a|b <script>";
    const std::string text = markdown_of(parsed(file));
    EXPECT_THAT(text, HasSubstr("| scenario | requests | P50 ms |"));
    EXPECT_THAT(text, HasSubstr("| :-- | --: | --: |"));
    EXPECT_THAT(text, HasSubstr("| a\\|b \\<script\\> |"));
}

TEST(Render, KeepsControlCharactersOutOfTheTerminal) {
    json file = test::sample_two_models(1, 20);
    file["scenarios"][0]["name"] = "\x1b]0;title\x07";
    file["headway"]["version"] = "1\x1b[2J";
    file["verdict"]["ours"]["detail"] =
        "\xc2\x9b"
        "31m";
    const std::string text = table_of(parsed(file));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\x07")));
    EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
}

TEST(Render, HtmlIsSelfContainedAndComplete) {
    HTML_OR_SKIP(html, with_known_p99());
    EXPECT_THAT(html, HasSubstr("<h1>ResNet-18 beside ResNet-50</h1>"));
    EXPECT_THAT(html, HasSubstr("43.0 ms with Headway, 210 ms without"));
    EXPECT_THAT(html, HasSubstr("Chart.js v"));
    EXPECT_THAT(html, HasSubstr("\"bound\":2.4"));
    for (const char* outside : {"src=", "href=", "@import", "url("}) {
        const std::string own = html.substr(0, html.find("Chart.js v"));
        EXPECT_THAT(own, Not(HasSubstr(outside)));
    }
    EXPECT_THAT(html, Not(HasSubstr("{{")));
}

TEST(Render, HtmlLetsNoForeignTextBecomeMarkup) {
    json file = test::sample_two_models(1, 20);
    const std::string evil = "</script><script>alert(1)</script><!--{{chartjs}}\u2028";
    for (json& scenario : file["scenarios"])
        scenario["name"] = evil;
    file["config"]["note"] = evil;
    file["config"][evil] = "x";
    file["host"]["cpu"] = evil;
    file["headway"]["version"] = evil;
    file["verdict"]["ours"]["detail"] = evil;
    file["verdict"][evil] = true;
    file["summary"][evil] = {{"median", 1.0}};
    HTML_OR_SKIP(html, parsed(file));
    EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(html, Not(HasSubstr("<!--")));
    std::size_t count = 0;
    for (std::size_t at = 0; (at = html.find("</script>", at)) != std::string::npos; ++at)
        ++count;
    EXPECT_EQ(count, 4U) << "the page's own scripts";
    const std::string data = html.substr(html.find("id=\"plot-data\""));
    EXPECT_THAT(data.substr(0, data.find("</script>")), Not(HasSubstr("\u2028")));
}

TEST(Render, HtmlSaysWhatIsMissingWithoutChartJs) {
    ::setenv("HEADWAY_CHARTJS", "/proc/nowhere/chart.js", 1);
    const auto missing = render_html(with_known_p99());
    ::setenv("HEADWAY_CHARTJS", "/proc/self/status", 1);
    const auto foreign = render_html(with_known_p99());
    ::unsetenv("HEADWAY_CHARTJS");
    EXPECT_FALSE(missing.ok());
    EXPECT_THAT(missing.status().message(), HasSubstr("/proc/nowhere/chart.js: No such file"));
    EXPECT_THAT(missing.status().message(), HasSubstr("install libjs-chart.js"));
    EXPECT_FALSE(foreign.ok());
    EXPECT_THAT(foreign.status().message(), HasSubstr("is not Chart.js"));
}

TEST(Format, KeepsThreeDigits) {
    EXPECT_EQ(significant(0.2134), "0.213");
    EXPECT_EQ(significant(1.234), "1.23");
    EXPECT_EQ(significant(9.996), "10.0");
    EXPECT_EQ(significant(43.06), "43.1");
    EXPECT_EQ(significant(1234.4), "1,234");
    EXPECT_EQ(significant(0), "0.00");
    EXPECT_EQ(significant(-1234567), "-1,234,567");
    EXPECT_EQ(significant(1e300), "1.00e+300");
    EXPECT_EQ(significant(1e-9), "1.00e-09");
    EXPECT_EQ(number_text(std::nullopt), "–");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(count_text(1000), "1,000");
}

TEST(Format, CutsLongTextBetweenCharacters) {
    EXPECT_EQ(printable("abcdef", 3), "abc…");
    EXPECT_EQ(printable("äää", 3), "ää…");
    EXPECT_EQ(printable("äää", 6), "äää");
}

class WriteFile : public testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "headway-write-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string read(const std::string& name) const {
        std::ifstream file(folder_ + "/" + name);
        return std::string(std::istreambuf_iterator<char>(file), {});
    }

    std::string folder_;
};

TEST_F(WriteFile, CreatesAndReplaces) {
    EXPECT_TRUE(write_file(folder_ + "/a", "one").ok());
    EXPECT_EQ(read("a"), "one");
    EXPECT_TRUE(write_file(folder_ + "/a", "two").ok());
    EXPECT_EQ(read("a"), "two");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1)
        << "no temporary file stays behind";
}

TEST_F(WriteFile, KeepsTheModeOfAFileAndTheLinkToIt) {
    ASSERT_TRUE(write_file(folder_ + "/a", "one").ok());
    std::filesystem::permissions(folder_ + "/a", std::filesystem::perms{0640});
    std::filesystem::create_symlink("a", folder_ + "/link");
    EXPECT_TRUE(write_file(folder_ + "/link", "two").ok());
    EXPECT_TRUE(std::filesystem::is_symlink(folder_ + "/link"));
    EXPECT_EQ(read("a"), "two");
    EXPECT_EQ(std::filesystem::status(folder_ + "/a").permissions(), std::filesystem::perms{0640});
}

TEST_F(WriteFile, WritesIntoWhatIsNoFile) {
    EXPECT_TRUE(write_file("/dev/null", "text").ok());
}

TEST_F(WriteFile, SaysWhyItCannot) {
    EXPECT_STREQ(write_file(folder_, "x").message(), "is a directory");
    EXPECT_THAT(write_file(folder_ + "/missing" + "/a", "x").message(), HasSubstr("No such file"));
    EXPECT_THAT(write_file("/dev/full", "x").message(), HasSubstr("No space left"));
    std::filesystem::create_symlink("nowhere", folder_ + "/dangling");
    EXPECT_FALSE(write_file(folder_ + "/dangling", "x").ok());
}

}  // namespace
}  // namespace headway::report
