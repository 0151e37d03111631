#include "shim/cuda/driver_ioctl.h"

#include "base/env.h"
#include "base/say.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstring>

namespace headway::gpu {

namespace {

constinit device::ChannelGroups g_groups;
constinit std::atomic<device::rm::Ioctl> g_real_ioctl{nullptr};

// Short enough that preemption costs little more than the context switch itself (some 180 us on an
// H200), and free for a process that runs alone (measured, docs/bench-method.md).
constexpr std::uint32_t kAutoUs = 20;
constexpr std::uint32_t kUnread = UINT32_MAX;

std::uint32_t read_timeslice_us() noexcept {
    const char* const text = env_text("HEADWAY_TIMESLICE_US", "auto");
    if (std::strcmp(text, "auto") == 0) return kAutoUs;
    if (std::strcmp(text, "off") == 0) return 0;
    std::int64_t number = kAutoUs;
    if (env_number("HEADWAY_TIMESLICE_US", 1, 1'000'000, &number) == EnvNumber::kInvalid) {
        say_once(
            "HEADWAY_TIMESLICE_US is not auto, off or a number from 1 to 1000000; auto is "
            "used");
    }
    return static_cast<std::uint32_t>(number);
}

int watched_ioctl(int fd, unsigned long request, ...) noexcept {
    va_list arguments;
    va_start(arguments, request);
    void* const argument = va_arg(arguments, void*);
    va_end(arguments);
    const device::rm::Ioctl real = g_real_ioctl.load(std::memory_order_acquire);
    const int result = (real != nullptr ? real : &::ioctl)(fd, request, argument);
    if (result == 0) {
        const int saved_errno = errno;
        g_groups.observe(fd, request, argument);
        errno = saved_errno;
    }
    return result;
}

// The parts of a loaded library's dynamic section that lead from a symbol's name to the place that
// holds its address.
struct Imports {
    const ElfW(Sym) * symbols = nullptr;
    const char* names = nullptr;
    const ElfW(Rela) * tables[2] = {};  // of functions bound by the linker, and of the rest
    std::size_t bytes[2] = {};
};

Imports read_imports(const link_map& map) noexcept {
    Imports imports;
    // glibc has made the addresses absolute; other C libraries leave them relative.
    const auto address = [&map](ElfW(Addr) value) noexcept {
        return reinterpret_cast<const void*>(value < map.l_addr ? value + map.l_addr : value);
    };
    for (const ElfW(Dyn)* entry = map.l_ld; entry->d_tag != DT_NULL; ++entry) {
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

// Whether the loader made the place read-only after it had bound the library.
struct ReadOnlySearch {
    ElfW(Addr) base;
    ElfW(Addr) place;
    bool read_only;
};

int search_read_only(dl_phdr_info* object, std::size_t, void* argument) noexcept {
    auto* search = static_cast<ReadOnlySearch*>(argument);
    if (object->dlpi_addr != search->base) return 0;
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = object->dlpi_phdr[i];
        const ElfW(Addr) start = object->dlpi_addr + segment.p_vaddr;
        if (segment.p_type == PT_GNU_RELRO && search->place >= start &&
            search->place - start < segment.p_memsz) {
            search->read_only = true;
        }
    }
    return 1;
}

bool write_place(ElfW(Addr) base, ElfW(Addr) place, void* value) noexcept {
    ReadOnlySearch search{base, place, false};
    dl_iterate_phdr(&search_read_only, &search);
    const auto page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    void* const page = reinterpret_cast<void*>(place & ~(page_bytes - 1));
    if (search.read_only && ::mprotect(page, page_bytes, PROT_READ | PROT_WRITE) != 0) return false;
    std::atomic_ref<void*>(*reinterpret_cast<void**>(place))
        .store(value, std::memory_order_release);
    if (search.read_only) ::mprotect(page, page_bytes, PROT_READ);
    return true;
}

}  // namespace

device::ChannelGroups& channel_groups() noexcept {
    return g_groups;
}

std::uint32_t timeslice_us() noexcept {
    static constinit std::atomic<std::uint32_t> g_known{kUnread};
    std::uint32_t us = g_known.load(std::memory_order_relaxed);
    if (us != kUnread) return us;
    us = read_timeslice_us();
    g_known.store(us, std::memory_order_relaxed);
    return us;
}

bool watch_driver_ioctl(void* driver_handle) noexcept {
    static constinit std::atomic<bool> g_done{false};
    if (timeslice_us() == 0 || g_done.exchange(true, std::memory_order_relaxed)) return false;
    link_map* map = nullptr;
    if (dlinfo(driver_handle, RTLD_DI_LINKMAP, &map) != 0) return false;
    const Imports imports = read_imports(*map);
    if (imports.symbols == nullptr || imports.names == nullptr) return false;
    bool found = false;
    for (int table = 0; table < 2; ++table) {
        const std::size_t count = imports.bytes[table] / sizeof(ElfW(Rela));
        for (std::size_t i = 0; imports.tables[table] != nullptr && i < count; ++i) {
            const ElfW(Rela)& row = imports.tables[table][i];
            const ElfW(Sym)& symbol = imports.symbols[ELF64_R_SYM(row.r_info)];
            if (!holds_address(ELF64_R_TYPE(row.r_info)) || row.r_addend != 0) continue;
            if (std::strcmp(imports.names + symbol.st_name, "ioctl") != 0) continue;
            const ElfW(Addr) place = map->l_addr + row.r_offset;
            void* const bound = *reinterpret_cast<void**>(place);
            const auto real = reinterpret_cast<device::rm::Ioctl>(bound);
            g_groups.set_ioctl(real);
            g_real_ioctl.store(real, std::memory_order_release);
            found |= write_place(map->l_addr, place, reinterpret_cast<void*>(&watched_ioctl));
        }
    }
    return found;
}

}  // namespace headway::gpu
