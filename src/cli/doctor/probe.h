// Runs a piece of foreign code in a child process. Internal to the doctor.
#pragma once

#include <string>

namespace headway::doctor {

struct ProbeReply {
    bool finished = false;  // the child answered; else `text` says what became of it
    std::string text;
};

// Forks; the child runs `probe`, which returns what it found as text, and ends at once, with its
// output discarded. Waits at most `seconds` and then kills the child. The caller must have one
// thread.
ProbeReply run_probe(std::string (*probe)(), int seconds);

}  // namespace headway::doctor
