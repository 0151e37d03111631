// The functions behind the exported symbols, one a row of driver_api.tbl.
#include "tests/shim/standin/look_up.h"
#include "tests/shim/standin/plain_calls.h"
#include "tests/shim/standin/shapes.h"
#include "tests/shim/standin/stream_calls.h"

// A namespace of its own, in which the table's type words mean the driver's types only.
namespace headway::standin_table_types {

using namespace cuda::abi;

// Jumped through by exports.S.
extern "C" void* const standin_table[] = {
#define CU(symbol, version, call_class, shape, ...) \
    reinterpret_cast<void*>(&standin::shape<cuda::Entry::symbol __VA_OPT__(, ) __VA_ARGS__>::call),
#include "shim/cuda/driver_api.tbl"
#undef CU
};

}  // namespace headway::standin_table_types
