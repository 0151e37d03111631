// Result files: what is accepted, and what a person is told about the rest.
#include "report/result.h"
#include "tests/report/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace headway::report {
namespace {

using nlohmann::json;
using test::sample_two_models;
using testing::HasSubstr;

// What the reader says about a sample after `change`; "" if it accepts it.
template <typename Change>
std::string complaint_after(Change change) {
    json sample = sample_two_models(2, 20);
    change(sample);
    return parse_result(sample.dump()).status().message();
}

TEST(ParseResult, ReadsEveryFieldOfACompleteFile) {
    const auto result = parse_result(sample_two_models(2, 20).dump());
    ASSERT_TRUE(result.ok()) << result.status().message();
    const BenchResult& bench = result.value();
    EXPECT_EQ(bench.benchmark, "two-models");
    EXPECT_EQ(bench.version, "0.0.0-sample");
    ASSERT_EQ(bench.scenarios.size(), 8U);
    const Scenario& native = bench.scenarios[0];
    EXPECT_EQ(native.name, "native");
    ASSERT_TRUE(native.high && native.low);
    EXPECT_EQ(native.high->requests, 20);
    EXPECT_EQ(native.high->latencies_ms.size(), 20U);
    EXPECT_EQ(native.high->arrivals_ms.size(), 20U);
    EXPECT_EQ(native.low->iterations_per_s, 2.72);
    EXPECT_EQ(native.output_sha256.size(), 2U);
    EXPECT_EQ(bench.scenarios[1].counters.at("low").size(), 8U);
    EXPECT_EQ(bench.summary.size(), 7U);
    EXPECT_EQ(bench.verdict.size(), 3U);
    EXPECT_FALSE(bench.partial);
    ASSERT_NE(bench.find_config("rate"), nullptr);
    EXPECT_EQ(*bench.find_config("scenarios"), "native, headway");
    EXPECT_EQ(bench.find_host("gpu"), nullptr) << "null is the same as absent";
}

TEST(ParseResult, ToleratesWhatMayBeAbsent) {
    EXPECT_EQ(complaint_after([](json& file) {
                  json& scenario = file["scenarios"][0];
                  scenario["high"].erase("arrivals_ms");
                  scenario["high"]["p999_ms"] = nullptr;
                  scenario["low"].erase("batch_fallbacks");
                  scenario.erase("memory_mib");
                  scenario.erase("counters");
                  scenario["output_sha256"] = "abc";
                  file["summary"]["p99_vs_alone"] = {{"median", nullptr}, {"ci95", nullptr}};
                  file["verdict"]["ours"] = {{"met", nullptr}};
                  file["something_new"] = {1, 2, 3};
              }),
              "");
}

TEST(ParseResult, NamesTheFieldOfAWrongType) {
    EXPECT_EQ(complaint_after([](json& f) { f["scenarios"][3]["high"]["p99_ms"] = "fast"; }),
              "scenarios[3].high.p99_ms must be a number, not text");
    EXPECT_EQ(complaint_after([](json& f) { f["scenarios"][0]["high"]["latencies_ms"][7] = true; }),
              "scenarios[0].high.latencies_ms[7] must be a number, not true or false");
    EXPECT_EQ(complaint_after([](json& f) { f["scenarios"] = 4; }),
              "scenarios must be a list, not a number");
    EXPECT_EQ(complaint_after([](json& f) { f["scenarios"][1] = "native"; }),
              "scenarios[1] must be an object, not text");
    EXPECT_EQ(complaint_after([](json& f) { f["scenarios"][0]["repeat"] = -1; }),
              "scenarios[0].repeat must be a whole number from 0");
    EXPECT_EQ(complaint_after([](json& f) { f["scenarios"][0]["counters"]["low"]["held"] = "x"; }),
              "scenarios[0].counters.low.held must be a number, not text");
    EXPECT_EQ(complaint_after([](json& f) { f["partial"] = "no"; }),
              "partial must be true or false, not text");
    EXPECT_EQ(complaint_after([](json& f) { f["summary"]["p99_vs_alone"]["ci95"] = {1}; }),
              "summary.p99_vs_alone.ci95 must be a list of two numbers");
    EXPECT_EQ(complaint_after([](json& f) { f["verdict"]["ideal"] = "yes"; }),
              "verdict.ideal must be an object, not text");
    EXPECT_EQ(complaint_after([](json& f) { f["host"]["cpu"] = json::object(); }),
              "host.cpu must be text, a number or a list of them, not an object");
    EXPECT_EQ(complaint_after([](json& f) { f["scenarios"][0]["high"]["arrivals_ms"] = {1.0}; }),
              "scenarios[0].high.arrivals_ms must be as long as latencies_ms (20), not 1");
}

TEST(ParseResult, NamesEveryMissingRequiredField) {
    for (const char* key :
         {"benchmark", "headway", "host", "config", "scenarios", "summary", "verdict", "partial"}) {
        EXPECT_THAT(complaint_after([&](json& file) { file.erase(key); }),
                    testing::StartsWith(std::string(key) + " is missing"));
    }
    EXPECT_EQ(complaint_after([](json& f) { f["headway"].erase("commit"); }),
              "headway.commit is missing (text)");
    EXPECT_EQ(complaint_after([](json& f) { f["scenarios"][2].erase("name"); }),
              "scenarios[2].name is missing (text)");
}

TEST(ParseResult, TellsForeignFilesApart) {
    const auto message = [](const char* text) {
        return std::string(parse_result(text).status().message());
    };
    EXPECT_EQ(message(""), "the file is empty");
    EXPECT_EQ(message(" \n"), "the file is empty");
    EXPECT_EQ(message("[1, 2]"), "not a result file: it holds a list, not an object");
    EXPECT_EQ(message("{\"a\": 1}"), "not a result file of headway-bench: no field schema");
    EXPECT_EQ(message("{\"schema\": \"other/7\"}"),
              "not a result file of headway-bench: schema is \"other/7\"");
    EXPECT_THAT(message("{\"schema\": \"headway.bench/2\"}"),
                HasSubstr("use the version of Headway"));
    EXPECT_EQ(message("hello"), "not JSON: unexpected input at byte 1");
    EXPECT_THAT(message("\x7f"
                        "ELF\x02\x01"),
                HasSubstr("not JSON"));
}

TEST(ParseResult, SaysThatACutFileIsCutOff) {
    const std::string whole = sample_two_models(1, 10).dump();
    for (const std::size_t bytes : {std::size_t{1}, whole.size() / 3, whole.size() - 1}) {
        const auto result = parse_result(whole.substr(0, bytes));
        EXPECT_THAT(result.status().message(), HasSubstr("cut off")) << bytes;
    }
}

TEST(ParseResult, BoundsDepthAndSize) {
    const std::string deep = std::string(200'000, '[');
    EXPECT_STREQ(parse_result(deep).status().message(), "nested deeper than 32 levels");
    const std::string wide = "[" + std::string(kValuesMax + 1, ',') + "]";
    EXPECT_STREQ(parse_result(wide).status().message(), "more than 8000000 values");
    // Brackets and commas inside of texts count for nothing.
    const std::string text = "{\"a\\\"\": \"" + std::string(1000, '[') + "\"}";
    EXPECT_THAT(parse_result(text).status().message(), HasSubstr("no field schema"));
}

TEST(ParseResult, SurvivesEveryPrefixAndEveryFlippedByte) {
    const std::string whole = sample_two_models(1, 3).dump();
    int accepted = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        EXPECT_FALSE(parse_result(whole.substr(0, i)).ok());
        std::string flipped = whole;
        flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
        accepted += parse_result(flipped).ok() ? 1 : 0;
    }
    EXPECT_GT(accepted, 0) << "a flipped digit of a number is still a result";
}

TEST(ParseResult, KeepsTheMessageOnOneLineWithoutControlCharacters) {
    const std::string message = complaint_after([](json& file) {
        file["summary"]["evil\n\x1b[31m name"] = {{"median", "x"}};
    });
    EXPECT_EQ(message, "summary.evil??[31m name.median must be a number, not text");
}

class LoadResult : public testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "headway-load-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string folder_;
};

TEST_F(LoadResult, ReadsAFile) {
    std::ofstream(folder_ + "/a.json") << sample_two_models(1, 10);
    EXPECT_TRUE(load_result(folder_ + "/a.json").ok());
}

TEST_F(LoadResult, RefusesWhatIsNoOrdinaryFile) {
    EXPECT_STREQ(load_result(folder_ + "/none.json").status().message(),
                 "No such file or directory");
    EXPECT_STREQ(load_result(folder_).status().message(), "not a regular file");
    EXPECT_STREQ(load_result("/dev/zero").status().message(), "not a regular file");
}

TEST_F(LoadResult, RefusesAHugeFileWithoutReadingIt) {
    std::ofstream(folder_ + "/huge.json") << "{";
    std::filesystem::resize_file(folder_ + "/huge.json", kFileBytesMax + 1);
    EXPECT_STREQ(load_result(folder_ + "/huge.json").status().message(), "larger than 256 MiB");
}

}  // namespace
}  // namespace headway::report
