// Whether a result file that is there already is what a suite would measure now.
#pragma once

#include "bench/suite/items.h"

#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

enum class Stored {
    kAbsent,
    kComplete,  // same benchmark, options, version and machine
    kPartial,   // the same, but its run was interrupted
    kOther      // anything else
};

struct StoredResult {
    Stored kind = Stored::kAbsent;
    std::string why;  // kOther: what is different, one clause
};

// What a result must agree with besides the item's arguments.
struct Origin {
    nlohmann::json build;  // describe_build()
    nlohmann::json host;   // describe_host()
};

// Looks at the file at `path`. Blocks on the disk.
StoredResult find_stored(const std::string& path, const SuiteItem& item, const Origin& origin);

}  // namespace headway::bench
