// The functions behind the exported symbols, one a row of driver_api.tbl.
#include "standin_calls.h"

// A namespace of its own, in which the table's type words mean the driver's types only.
namespace headway::standin_table_types {

using namespace gpu::abi;

// Jumped through by exports.S.
extern "C" void* const standin_table[] = {
#define API(symbol, version, call_class, shape, ...) \
    reinterpret_cast<void*>(&standin::shape<gpu::Entry::symbol __VA_OPT__(, ) __VA_ARGS__>::call),
#include "driver_api.tbl"
#undef API
};

}  // namespace headway::standin_table_types
