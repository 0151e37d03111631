// `headway doctor` about a driver, the lanes on a GPU's board, and the preemption latency.
#include "board/board.h"
#include "tests/cli/process.h"
#include "tests/support/temporary_boards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace headway {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Finished;
using testing::HasSubstr;

using Variables = std::map<std::string, std::string>;

constexpr const char* kGpuBoard = "GPU-01010101-0101-0101-0101-010101010101";

json find(const Finished& finished, const std::string& subject) {
    const json examination = json::parse(finished.out, nullptr, false);
    if (examination.is_discarded()) return nullptr;
    for (const json& section : examination["sections"]) {
        for (const json& finding : section["findings"]) {
            if (finding["subject"] == subject) return finding;
        }
    }
    return nullptr;
}

std::string text_of(const Finished& finished, const std::string& subject) {
    const json finding = find(finished, subject);
    return finding.is_null() ? "" : finding["text"].get<std::string>();
}

std::string state_of(const Finished& finished, const std::string& subject) {
    const json finding = find(finished, subject);
    return finding.is_null() ? "" : finding["state"].get<std::string>();
}

class DoctorOfGpus : public testing::Test {
 protected:
    // A copy of this program in a folder of its own, with this headway-bench beside it.
    std::string copy_with_bench(const std::string& script) {
        const fs::path folder = boards_.path() / "bin";
        fs::create_directories(folder);
        const fs::path copy = folder / "headway";
        fs::copy_file(HEADWAY_CLI_PATH, copy, fs::copy_options::overwrite_existing);
        if (!script.empty()) {
            std::ofstream(folder / "headway-bench") << "#!/bin/sh\n" << script;
            fs::permissions(folder / "headway-bench", fs::perms::owner_all);
        }
        return copy.string();
    }

    test::TemporaryBoards boards_;
};

Finished doctor(const Variables& variables = {}) {
    return test::run_process({HEADWAY_CLI_PATH, "doctor", "--json"}, variables);
}

TEST_F(DoctorOfGpus, ComparesTheDriverWithTheTable) {
    const Finished finished = doctor({{"HEADWAY_CUDA_DRIVER", HEADWAY_STANDIN}});
    EXPECT_EQ(state_of(finished, "CUDA library"), "ok") << finished.out;
    EXPECT_THAT(text_of(finished, "NVIDIA driver"), HasSubstr(HEADWAY_STANDIN));
    EXPECT_EQ(state_of(finished, "cuda:0"), "ok");
    EXPECT_EQ(state_of(finished, "functions"), "ok") << text_of(finished, "functions");
    EXPECT_EQ(state_of(finished, "launches and copies"), "ok");
    EXPECT_THAT(text_of(finished, "timeslice"), HasSubstr("does not import ioctl"));
    EXPECT_EQ(state_of(finished, "CUDA"), "ok");
}

TEST_F(DoctorOfGpus, NamesWhatTheTableLacks) {
    const Finished finished = doctor({{"HEADWAY_CUDA_DRIVER", HEADWAY_NEWER_DRIVER}});
    EXPECT_THAT(text_of(finished, "functions"), HasSubstr("cuNothingThatIsKnown"));
    EXPECT_EQ(state_of(finished, "launches and copies"), "problem");
    EXPECT_THAT(text_of(finished, "launches and copies"), HasSubstr("cuLaunchByTelepathy"));
    EXPECT_EQ(state_of(finished, "timeslice"), "ok");
}

TEST_F(DoctorOfGpus, SaysWhyADriverIsOfNoUse) {
    const Finished finished = doctor({{"HEADWAY_CUDA_DRIVER", HEADWAY_NEWER_DRIVER}});
    EXPECT_EQ(state_of(finished, "NVIDIA"), "problem");
    EXPECT_THAT(text_of(finished, "NVIDIA"), HasSubstr("cuInit fails with error 100"));
    EXPECT_EQ(state_of(finished, "CUDA"), "missing");
}

TEST_F(DoctorOfGpus, CannotPreloadALibraryThatIsNotThere) {
    const Finished finished = test::run_process({copy_with_bench(""), "doctor", "--json"});
    EXPECT_EQ(state_of(finished, "CUDA library"), "problem");
}

TEST_F(DoctorOfGpus, ShowsLanesAndWhyTheyAreDegraded) {
    board::Board gpu = std::move(board::Board::open(kGpuBoard).value());
    const std::uint32_t first = gpu.attach(10, "serve").value();
    const std::uint32_t second = gpu.attach(1, "train").value();
    gpu.slot(second).budget_us.store(50);
    gpu.slot(second).gated.store(5000);
    gpu.slot(second).markers.store(40);
    gpu.slot(second).timeslice_us.store(20);
    Finished finished = doctor();
    EXPECT_EQ(state_of(finished, "lane train"), "ok") << text_of(finished, "lane train");
    EXPECT_THAT(text_of(finished, "lane train"), HasSubstr("timeslice 20 us"));
    EXPECT_THAT(text_of(finished, "lane train"), HasSubstr("gated 5000"));
    EXPECT_THAT(text_of(finished, "lane serve"), HasSubstr("priority 10"));

    gpu.slot(second).markers.store(0);
    finished = doctor();
    EXPECT_EQ(state_of(finished, "lane train"), "problem");
    EXPECT_THAT(text_of(finished, "lane train"), HasSubstr("cuMemHostRegister"));

    gpu.slot(second).hold_timeouts.store(3);
    EXPECT_THAT(text_of(doctor(), "lane train"), HasSubstr("max_hold_ms"));
    gpu.detach(first);
    gpu.detach(second);
}

TEST_F(DoctorOfGpus, SaysWhatToDoAboutABoardOfAnotherVersion) {
    { const board::Board made = std::move(board::Board::open(kGpuBoard).value()); }
    std::fstream file(boards_.board(kGpuBoard), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8);
    file.put(99);
    file.close();
    const Finished finished = doctor();
    EXPECT_EQ(state_of(finished, "board"), "problem");
    EXPECT_THAT(text_of(finished, "board"), HasSubstr("version"));
    EXPECT_THAT(text_of(finished, "board"), HasSubstr("delete it; until then"));
}

TEST_F(DoctorOfGpus, MeasuresNothingWithoutTheBenchmark) {
    const Finished finished = test::run_process(
        {copy_with_bench(""), "doctor", "--measure", "--json"}, {{"PATH", "/nowhere"}});
    EXPECT_EQ(state_of(finished, "latency"), "missing") << finished.out << finished.err;
    EXPECT_THAT(text_of(finished, "latency"), HasSubstr("headway-bench is not installed"));
    EXPECT_EQ(json::parse(finished.out).count("measured"), 0U);
}

TEST_F(DoctorOfGpus, HandsOnWhyTheBenchmarkDidNotMeasure) {
    const std::string headway = copy_with_bench("echo first >&2; echo no GPU today >&2; exit 2\n");
    const Finished finished = test::run_process({headway, "doctor", "--measure", "--json"});
    EXPECT_EQ(state_of(finished, "latency"), "missing") << finished.out;
    EXPECT_EQ(text_of(finished, "latency"), "not measured: no GPU today");
    EXPECT_EQ(state_of(test::run_process(
                           {copy_with_bench("kill -9 $$\n"), "doctor", "--measure", "--json"}),
                       "latency"),
              "problem");
}

// The last argument is the result file's path, as the real benchmark is told it.
TEST_F(DoctorOfGpus, ShowsTheNumbersOfTheResult) {
    const std::string headway = copy_with_bench(R"(
[ "$1" = preempt ] || exit 3
for file; do :; done
cat > "$file" <<'END'
{"summary": {"alone_p50_us": {"median": 40}, "alone_p99_us": {"median": 100},
 "time_slicing_p50_us": {"median": 905.2}, "time_slicing_p99_us": {"median": 1600},
 "headway_p50_us": {"median": 224}, "headway_p99_us": {"median": 240.4}}}
END
)");
    const Finished finished = test::run_process({headway, "doctor", "--measure", "--json"});
    EXPECT_THAT(text_of(finished, "native"), HasSubstr("P50 905 us, P99 1600 us"));
    EXPECT_THAT(text_of(finished, "Headway"), HasSubstr("P50 224 us, P99 240 us"));
    EXPECT_EQ(json::parse(finished.out)["measured"]["headway_p99_us"], 240.4);
    const Finished empty =
        test::run_process({copy_with_bench("exit 0\n"), "doctor", "--measure", "--json"});
    EXPECT_EQ(state_of(empty, "Headway"), "problem") << "a result without numbers";
}

}  // namespace
}  // namespace headway
