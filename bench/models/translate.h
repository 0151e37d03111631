// LibTorch's exceptions as this program's own.
#pragma once

#include "bench/failure.h"

#include <c10/util/Exception.h>

#include <new>

namespace headway::bench {

// Throws OutOfMemory if that is what `message` says, else Failure.
[[noreturn]] void throw_as_ours(const char* message);

// Runs `body` and turns whatever LibTorch throws into OutOfMemory or Failure.
template <typename Body>
auto translated(Body&& body) {
    try {
        return body();
    } catch (const Failure&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw OutOfMemory("out of memory");
    } catch (const c10::Error& error) {
        throw_as_ours(error.what_without_backtrace());
    } catch (const std::exception& error) {
        throw_as_ours(error.what());
    }
}

}  // namespace headway::bench
