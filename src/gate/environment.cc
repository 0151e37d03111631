#include "gate/environment.h"

#include "base/env.h"
#include "base/say.h"

#include <errno.h>

#include <cstring>

namespace headway::gate {

namespace {

void read_option(const char* name,
                 std::int64_t min,
                 std::int64_t max,
                 std::uint32_t* out) noexcept {
    std::int64_t number = 0;
    switch (env_number(name, min, max, &number)) {
        case EnvNumber::kValid:
            *out = static_cast<std::uint32_t>(number);
            break;
        case EnvNumber::kInvalid:
            say_once("%s is not a number from %lld to %lld; the default is used",
                     name,
                     static_cast<long long>(min),
                     static_cast<long long>(max));
            break;
        case EnvNumber::kUnset:
            break;
    }
}

}  // namespace

LaneOptions options_from_environment() noexcept {
    LaneOptions options;
    auto priority = static_cast<std::uint32_t>(options.priority);
    read_option("HEADWAY_PRIORITY", -256, 255, &priority);
    options.priority = static_cast<std::int32_t>(priority);
    read_option("HEADWAY_THRESHOLD", 1, 65535, &options.threshold);
    read_option("HEADWAY_BATCH_SIZE", 1, 65535, &options.batch_size);
    if (options.batch_size > options.threshold) options.batch_size = options.threshold;
    read_option("HEADWAY_BUDGET_US", 1, 1'000'000, &options.budget_us);
    if (std::strcmp(env_text("HEADWAY_LINGER_US", "auto"), "auto") != 0) {
        read_option("HEADWAY_LINGER_US", 0, 1'000'000, &options.linger_us);
    }
    read_option("HEADWAY_MAX_HOLD_MS", 1, 60'000, &options.max_hold_ms);
    options.name = env_text("HEADWAY_NAME", program_invocation_short_name);
    return options;
}

}  // namespace headway::gate
