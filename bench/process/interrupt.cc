#include "bench/process/interrupt.h"

#include <signal.h>

namespace headway::bench {
namespace {

volatile sig_atomic_t mark = 0;

void set_mark(int) {
    mark = 1;
}

}  // namespace

void catch_interrupts() {
    struct sigaction action {};

    action.sa_handler = set_mark;  // without SA_RESTART: a waiting parent wakes up
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    signal(SIGPIPE, SIG_IGN);
}

bool interrupted() noexcept {
    return mark != 0;
}

}  // namespace headway::bench
