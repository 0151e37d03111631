#include "policy/policy.h"

#include <cstring>

namespace headway::policy {

namespace {

constexpr const Policy* kPolicies[] = {&kPriorityPolicy};

}  // namespace

std::span<const Policy* const> all_policies() noexcept {
    return kPolicies;
}

const Policy* find_policy(const char* name) noexcept {
    for (const Policy* candidate : kPolicies) {
        if (std::strcmp(candidate->name, name) == 0) return candidate;
    }
    return nullptr;
}

}  // namespace headway::policy
