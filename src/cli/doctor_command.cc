#include "cli/commands.h"
#include "cli/doctor/doctor.h"
#include "cli/doctor/measure.h"
#include "cli/find_bench.h"
#include "cli/output.h"

namespace headway::cli {

int run_doctor(const DoctorOptions& options) {
    doctor::Examination examination = doctor::examine();
    if (options.measure) doctor::measure_preemption(find_bench(), examination);
    const int printed =
        print(options.json ? doctor::as_json(examination) : doctor::as_text(examination));
    if (printed != kExitDone) return printed;
    return examination.can_schedule ? kExitDone : kExitFailed;
}

}  // namespace headway::cli
