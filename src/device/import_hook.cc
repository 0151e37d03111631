#include "device/import_hook.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>

namespace headway::device {

namespace {

// The loader hands out addresses as numbers.
template <typename Type>
Type* at(ElfW(Addr) address) noexcept {
    return reinterpret_cast<Type*>(address);  // NOLINT(performance-no-int-to-ptr): see above
}

// A loaded library, as the loader describes it.
struct Object {
    ElfW(Addr) base = 0;
    const ElfW(Phdr) * segments = nullptr;
    std::size_t segment_count = 0;
};

// More copies of one library than this in a process are not looked at.
constexpr std::size_t kObjectCountMax = 8;

struct Search {
    const char* stem;           // by file name,
    const ElfW(Dyn) * dynamic;  // or, where there is none, by its dynamic section
    std::array<Object, kObjectCountMax> found;
    std::size_t count;
};

const ElfW(Dyn) * dynamic_of(const Object& object) noexcept {
    for (std::size_t i = 0; i < object.segment_count; ++i) {
        const ElfW(Phdr)& segment = object.segments[i];
        if (segment.p_type != PT_DYNAMIC) continue;
        return at<const ElfW(Dyn)>(object.base + segment.p_vaddr);
    }
    return nullptr;
}

bool has_stem(const char* path, const char* stem) noexcept {
    if (path == nullptr) return false;
    const char* const slash = std::strrchr(path, '/');
    const char* const file = slash != nullptr ? slash + 1 : path;
    const std::size_t length = std::strlen(stem);
    if (std::strncmp(file, stem, length) != 0) return false;
    const char* rest = file + length;
    if (*rest == '-') rest += 1 + std::strspn(rest + 1, "0123456789abcdef");
    return std::strncmp(rest, ".so", 3) == 0;
}

// Collects only: the loader's lock is held, and what follows may need others.
int collect(dl_phdr_info* info, std::size_t, void* argument) noexcept {
    auto* const search = static_cast<Search*>(argument);
    const Object object{info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum};
    const bool wanted = search->stem != nullptr ? has_stem(info->dlpi_name, search->stem)
                                                : dynamic_of(object) == search->dynamic;
    if (wanted && search->count < kObjectCountMax) search->found[search->count++] = object;
    return 0;
}

// The parts of a loaded library's dynamic section that lead from a symbol's name to the place that
// holds its address.
struct Imports {
    const ElfW(Sym) * symbols = nullptr;
    const char* names = nullptr;
    const ElfW(Rela) * tables[2] = {};  // of functions bound by the linker, and of the rest
    std::size_t bytes[2] = {};
};

Imports read_imports(const Object& object) noexcept {
    Imports imports;
    const ElfW(Dyn)* entry = dynamic_of(object);
    // glibc has made the addresses absolute; other C libraries leave them relative.
    const auto address = [&object](ElfW(Addr) value) noexcept {
        return at<const void>(value < object.base ? value + object.base : value);
    };
    for (; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
        const ElfW(Addr) value = entry->d_un.d_ptr;
        switch (entry->d_tag) {
            case DT_SYMTAB:
                imports.symbols = static_cast<const ElfW(Sym)*>(address(value));
                break;
            case DT_STRTAB:
                imports.names = static_cast<const char*>(address(value));
                break;
            case DT_JMPREL:
                imports.tables[0] = static_cast<const ElfW(Rela)*>(address(value));
                break;
            case DT_PLTRELSZ:
                imports.bytes[0] = entry->d_un.d_val;
                break;
            case DT_RELA:
                imports.tables[1] = static_cast<const ElfW(Rela)*>(address(value));
                break;
            case DT_RELASZ:
                imports.bytes[1] = entry->d_un.d_val;
                break;
            default:
                break;
        }
    }
    return imports;
}

bool holds_address(unsigned long type) noexcept {
#if defined(__aarch64__)
    return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT || type == R_AARCH64_ABS64;
#else
    return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT || type == R_X86_64_64;
#endif
}

bool lies_in(const Object& object, unsigned type, ElfW(Addr) place) noexcept {
    for (std::size_t i = 0; i < object.segment_count; ++i) {
        const ElfW(Phdr)& segment = object.segments[i];
        const ElfW(Addr) start = object.base + segment.p_vaddr;
        if (segment.p_type == type && place >= start && place - start < segment.p_memsz) {
            return true;
        }
    }
    return false;
}

bool write_place(const Object& object, ElfW(Addr) place, void* value) noexcept {
    // Whether the loader made the place read-only after it had bound the library.
    const bool read_only = lies_in(object, PT_GNU_RELRO, place);
    const auto page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    void* const page = at<void>(place & ~(page_bytes - 1));
    if (read_only && ::mprotect(page, page_bytes, PROT_READ | PROT_WRITE) != 0) return false;
    std::atomic_ref<void*>(*at<void*>(place)).store(value, std::memory_order_release);
    if (read_only) ::mprotect(page, page_bytes, PROT_READ);
    return true;
}

bool lead_place(const Object& object, ElfW(Addr) place, const ImportLead& lead) noexcept {
    void* const bound = *at<void*>(place);
    if (bound == lead.replacement) return true;
    // An address within the library itself is the code that would look the name up at the first
    // call, and then put the entry back.
    const bool is_bound = !lies_in(object, PT_LOAD, reinterpret_cast<ElfW(Addr)>(bound));
    lead.remember(is_bound ? bound : lead.unbound);
    return write_place(object, place, lead.replacement);
}

bool lead_object(const Object& object, const ImportLead& lead) noexcept {
    const Imports imports = read_imports(object);
    if (imports.symbols == nullptr || imports.names == nullptr) return false;
    bool found = false;
    for (int table = 0; table < 2; ++table) {
        const std::size_t count = imports.bytes[table] / sizeof(ElfW(Rela));
        for (std::size_t i = 0; imports.tables[table] != nullptr && i < count; ++i) {
            const ElfW(Rela)& row = imports.tables[table][i];
            const ElfW(Sym)& symbol = imports.symbols[ELF64_R_SYM(row.r_info)];
            if (!holds_address(ELF64_R_TYPE(row.r_info)) || row.r_addend != 0) continue;
            if (std::strcmp(imports.names + symbol.st_name, lead.function) != 0) continue;
            found |= lead_place(object, object.base + row.r_offset, lead);
        }
    }
    return found;
}

}  // namespace

bool lead_import(void* library_handle, const ImportLead& lead) noexcept {
    link_map* map = nullptr;
    if (dlinfo(library_handle, RTLD_DI_LINKMAP, &map) != 0) return false;
    Search search{nullptr, map->l_ld, {}, 0};
    dl_iterate_phdr(&collect, &search);
    return search.count == 1 && lead_object(search.found[0], lead);
}

std::uint32_t lead_imports(const char* stem, const ImportLead& lead) noexcept {
    Search search{stem, nullptr, {}, 0};
    dl_iterate_phdr(&collect, &search);
    std::uint32_t led = 0;
    for (std::size_t i = 0; i < search.count; ++i)
        led += lead_object(search.found[i], lead) ? 1U : 0U;
    return led;
}

}  // namespace headway::device
