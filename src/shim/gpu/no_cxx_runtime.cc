// The few names of the C++ run-time library that compiled code refers to even if it never throws.
// The shim links no such library: a static one would bring in symbol versions of the building
// system's glibc, and the shared one may be another than the program's own.
#include <cstdlib>

// Nothing here is ever called: nothing that is linked into the shim throws or is purely virtual
// when called. If that were wrong, stopping is all that is left, as std::terminate would.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): names of the C++ ABI
extern "C" {

__attribute__((noreturn)) void headway_no_exceptions() noexcept {
    std::abort();
}

__attribute__((noreturn)) void __cxa_pure_virtual() {
    headway_no_exceptions();
}

__attribute__((noreturn)) void* __cxa_begin_catch(void*) noexcept {
    headway_no_exceptions();
}

__attribute__((noreturn)) void _Unwind_Resume(void*) {
    headway_no_exceptions();
}

__attribute__((noreturn)) int __gxx_personality_v0(...) {
    headway_no_exceptions();
}

// Thread-local objects with destructors: glibc (2.18) does the work itself.
extern int __cxa_thread_atexit_impl(void (*)(void*), void*, void*) noexcept;

int __cxa_thread_atexit(void (*destroy)(void*), void* object, void* library) noexcept {
    return __cxa_thread_atexit_impl(destroy, object, library);
}

}  // extern "C"

// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace std {

__attribute__((noreturn)) void terminate() noexcept {
    headway_no_exceptions();
}

}  // namespace std
