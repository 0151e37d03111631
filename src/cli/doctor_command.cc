#include "cli/commands.h"
#include "cli/doctor/doctor.h"
#include "cli/output.h"

namespace headway::cli {

int run_doctor(bool as_json) {
    const doctor::Examination examination = doctor::examine();
    const int printed =
        print(as_json ? doctor::as_json(examination) : doctor::as_text(examination));
    if (printed != kExitDone) return printed;
    return examination.can_schedule ? kExitDone : kExitFailed;
}

}  // namespace headway::cli
