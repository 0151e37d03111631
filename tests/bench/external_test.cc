// headway-bench two-models --external as a user runs it: real models on the CPU, each process under
// a command.
#include "report/result.h"
#include "tests/bench/program.h"

#include <algorithm>
#include <sstream>

namespace headway::bench {
namespace {

class External : public Program {
 protected:
    std::vector<std::string> with_recipe(const std::vector<std::string>& extra) const {
        std::vector<std::string> words = short_run({"--placement", "processes"});
        words.insert(words.end(), extra.begin(), extra.end());
        return words;
    }

    // A script that can be run, and "recipe=" with its path.
    std::string recipe(const std::string& body) const {
        std::ofstream(path("recipe.sh")) << "#!/bin/sh\n" << body;
        std::filesystem::permissions(path("recipe.sh"), std::filesystem::perms::owner_all);
        return "recipe=" + path("recipe.sh");
    }

    std::vector<std::string> lines_of(const char* name) const {
        std::ifstream file(path(name));
        std::vector<std::string> lines;
        for (std::string line; std::getline(file, line);)
            lines.push_back(line);
        std::sort(lines.begin(), lines.end());
        return lines;
    }

    // Whether the process is there and has not ended.
    static bool is_running(const std::string& pid) {
        std::ifstream file("/proc/" + pid + "/stat");
        std::string text;
        std::getline(file, text);
        const std::size_t after_name = text.rfind(')');
        return after_name != std::string::npos && text[after_name + 2] != 'Z';
    }

    void expect_none_left(const char* name, std::size_t count) const {
        const std::vector<std::string> pids = lines_of(name);
        EXPECT_EQ(pids.size(), count);
        for (const std::string& pid : pids) {
            for (int i = 0; i < 200 && is_running(pid); ++i)
                ::usleep(50'000);
            EXPECT_FALSE(is_running(pid)) << pid;
        }
    }
};

TEST_F(External, StartsEachModelUnderTheCommandInItsRole) {
    // Field 41 is the scheduling policy: 0 normal, 5 idle.
    const std::string given = recipe(
        "if [ \"$HEADWAY_BENCH_ROLE\" = low ] && [ -z \"$RECIPE_IDLE\" ]; then\n"
        "    export RECIPE_IDLE=1\n"
        "    exec chrt --idle 0 \"$0\" \"$@\"\n"
        "fi\n"
        "policy=$(cut -d ' ' -f 41 /proc/$$/stat)\n"
        "echo \"$HEADWAY_BENCH_ROLE $HEADWAY_BENCH_PRIORITY $HEADWAY_BENCH_DEVICE $policy\" >> " +
        path("roles") + "\nexec \"$@\"\n");
    const Finished run = run_process(
        with_recipe({"--scenarios", "high-alone,low-alone,headway", "--external", given}));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(lines_of("roles"), (std::vector<std::string>{"high 10 cpu 0", "low 1 cpu 5"}));
    EXPECT_TRUE(report::load_result(path("r.json")).ok());
    const Json result = read_result();
    EXPECT_EQ(result.at("config").at("external"), Json::array({given}));
    EXPECT_EQ(result.at("config").at("scenarios").back(), "recipe");
    EXPECT_EQ(result.at("verdict").at("minimum").at("met"), true) << result.at("verdict");
    const Json* const entry = find(result, "recipe");
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->at("high").at("requests"), 7);
    EXPECT_GE(entry->at("low").at("iterations").get<int>(), 1);
    EXPECT_EQ(entry->at("output_sha256"), find(result, "headway")->at("output_sha256"));
    EXPECT_FALSE(entry->contains("counters"));
    for (const char* ratio : {"recipe_p50_vs_alone",
                              "recipe_p99_vs_alone",
                              "recipe_low_vs_alone",
                              "recipe_low_vs_exclusive_bound"})
        EXPECT_TRUE(result.at("summary").contains(ratio)) << ratio;
    EXPECT_NE(run.out.find("P99 with recipe / alone"), std::string::npos) << run.out;
}

TEST_F(External, ACommandThatFailsIsSkippedWithItsReason) {
    const Finished run = run_process(
        with_recipe({"--scenarios", "high-alone", "--external", "broken=false", "--repeats", "2"}));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.err.find("broken is skipped: "), std::string::npos) << run.err;
    EXPECT_NE(run.out.find("broken was skipped: "), std::string::npos) << run.out;
    const Json result = read_result();
    EXPECT_EQ(result.at("scenarios").size(), 2U);
    EXPECT_EQ(result.at("partial"), false);
    EXPECT_EQ(result.at("verdict").at("minimum").at("met"), true);
    EXPECT_NE(result.at("skipped").at("broken").get<std::string>().find("status 1"),
              std::string::npos);
    EXPECT_FALSE(result.at("summary").contains("broken_p99_vs_alone"));
}

TEST_F(External, ARunOfNothingButSkippedScenariosFails) {
    const Finished run =
        run_process(with_recipe({"--scenarios", "broken", "--external", "broken=false"}));
    EXPECT_EQ(run.status, 1);
    EXPECT_NE(run.err.find("every scenario was skipped"), std::string::npos) << run.err;
    EXPECT_FALSE(std::filesystem::exists(path("r.json")));
}

TEST_F(External, WhatTheCommandLeavesRunningIsEnded) {
    // What it has started in the background holds the pipes of the benchmark open.
    const std::string given = recipe("sleep 1000 &\necho $! >> " + path("pids") + "\n\"$@\"\n");
    const Finished run = run_process(with_recipe({"--scenarios", "recipe", "--external", given}));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_NE(find(read_result(), "recipe"), nullptr);
    expect_none_left("pids", 2);
}

TEST_F(External, CtrlCLeavesNothingOfTheCommand) {
    const std::string note = " >> " + path("pids") + "\n";
    const std::string given = recipe("sleep 1000 &\necho $!" + note + "echo $$" + note +
                                     "exec 5<&0\n\"$@\" <&5 &\necho $!" + note + "wait $!\n");
    Running run(with_recipe({"--scenarios", "recipe", "--external", given, "--duration", "30"}));
    ASSERT_TRUE(run.wait_for_handler());
    for (int i = 0; i < 400 && lines_of("pids").size() < 6; ++i)
        ::usleep(50'000);
    EXPECT_EQ(run.interrupt_and_wait(), 1);
    EXPECT_NE(run.said().find("interrupted"), std::string::npos) << run.said();
    expect_none_left("pids", 6);
}

}  // namespace
}  // namespace headway::bench
