// The names that a shared library offers and asks for, read from its file. Internal to the doctor.
#pragma once

#include <optional>
#include <set>
#include <string>

namespace headway::doctor {

struct ElfSymbols {
    std::set<std::string> functions;  // defined
    std::set<std::string> imports;    // undefined
};

// Reads the dynamic symbols of a 64-bit ELF file. Nothing if the file can't be read or is no such
// file; what it says is not trusted. Loads nothing. Blocks on the disk.
std::optional<ElfSymbols> read_elf_symbols(const std::string& path);

}  // namespace headway::doctor
