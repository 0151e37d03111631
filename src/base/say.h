// The one line that a guest may print.
#pragma once

namespace headway {

// Prints "headway: ..." to standard error, formatted as printf does, at most once per process
// however often and from whichever thread it is called. Later lines are dropped: status and
// counters tell the rest.
__attribute__((format(printf, 1, 2))) void say_once(const char* format, ...) noexcept;

}  // namespace headway
