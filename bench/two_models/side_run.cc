#include "bench/two_models/side_run.h"

#include "bench/process/events.h"
#include "bench/process/rendezvous.h"
#include "bench/two_models/child_job.h"
#include "bench/two_models/side.h"

namespace headway::bench {

void run_side(const nlohmann::json& json) {
    const ChildJob job(json);
    job.prepare();
    const auto side = make_side({job.options,
                                 job.scenario,
                                 job.repeat,
                                 json.at("high").get<bool>(),
                                 json.at("index").get<int>()});
    side->load();
    const std::uint64_t origin_ns = wait_for_start();
    send_phase("run", load_seconds(job.options));
    side->play(origin_ns, {tell_measured, all_measured()});
    const nlohmann::json memory = job.memory();
    send_event({{"event", "result"}, {"sides", {side->result()}}, {"memory", memory}});
}

}  // namespace headway::bench
