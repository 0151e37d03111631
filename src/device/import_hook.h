// Leads one imported function of one loaded library through another function: what that library
// calls under this name, and nobody else. The entry in its import table is replaced, and nothing
// else is.
#pragma once

#include <cstdint>

namespace headway::device {

struct ImportLead {
    const char* function;  // the name that is imported
    void* replacement;

    // Told what the library called so far, before an entry is replaced. `bound` is `unbound` where
    // the loader would have looked the name up at the first call only.
    void (*remember)(void* bound) noexcept;
    void* unbound;
};

// Leads the import of the library behind a handle of dlopen(). False: it does not import the
// function, or its table cannot be written. An entry that is led already stays as it is, and counts
// as done. Thread-safe against calls through the entry; not against dlclose() of the library.
// Allocates nothing.
bool lead_import(void* library_handle, const ImportLead& lead) noexcept;

// The same for every loaded library whose file name is `stem`, perhaps "-" and a hash as in Python
// wheels, and ".so" with whatever version. Returns how many import the function.
std::uint32_t lead_imports(const char* stem, const ImportLead& lead) noexcept;

}  // namespace headway::device
