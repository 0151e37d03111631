#include "cli/doctor/elf_symbols.h"

#include "base/unique_fd.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstring>

namespace headway::doctor {
namespace {

// A file in memory; every read from it is checked against its size.
class MappedFile {
 public:
    explicit MappedFile(const std::string& path) {
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));

        struct stat info {};

        if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0 || info.st_size <= 0) return;
        const auto bytes = static_cast<std::size_t>(info.st_size);
        void* const data = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fd.get(), 0);
        if (data == MAP_FAILED) return;
        data_ = static_cast<const char*>(data);
        bytes_ = bytes;
    }

    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    MappedFile(MappedFile&&) = delete;
    MappedFile& operator=(MappedFile&&) = delete;

    ~MappedFile() {
        if (data_ != nullptr) ::munmap(const_cast<char*>(data_), bytes_);
    }

    template <typename T>
    bool read(std::uint64_t offset, T* out) const {
        if (bytes_ < sizeof(T) || offset > bytes_ - sizeof(T)) return false;
        std::memcpy(out, data_ + offset, sizeof(T));
        return true;
    }

    // The text that begins there, without what lies behind the end of the file.
    std::string text(std::uint64_t offset) const {
        if (offset >= bytes_) return {};
        return {data_ + offset, ::strnlen(data_ + offset, bytes_ - offset)};
    }

 private:
    const char* data_ = nullptr;
    std::size_t bytes_ = 0;
};

bool read_section(const MappedFile& file,
                  const Elf64_Ehdr& header,
                  std::uint64_t index,
                  Elf64_Shdr* out) {
    return header.e_shentsize == sizeof(Elf64_Shdr) && index < header.e_shnum &&
           file.read(header.e_shoff + index * sizeof(Elf64_Shdr), out);
}

bool read_header(const MappedFile& file, Elf64_Ehdr* out) {
    return file.read(0, out) && std::memcmp(out->e_ident, ELFMAG, SELFMAG) == 0 &&
           out->e_ident[EI_CLASS] == ELFCLASS64;
}

}  // namespace

std::optional<ElfSymbols> read_elf_symbols(const std::string& path) {
    const MappedFile file(path);
    Elf64_Ehdr header{};
    if (!read_header(file, &header)) return std::nullopt;
    Elf64_Shdr table{};
    std::uint64_t index = 0;
    while (read_section(file, header, index, &table) && table.sh_type != SHT_DYNSYM)
        ++index;
    Elf64_Shdr names{};
    if (table.sh_type != SHT_DYNSYM || !read_section(file, header, table.sh_link, &names)) {
        return std::nullopt;
    }
    ElfSymbols symbols;
    Elf64_Sym symbol{};
    for (std::uint64_t at = 0; at + sizeof symbol <= table.sh_size; at += sizeof symbol) {
        if (!file.read(table.sh_offset + at, &symbol)) break;
        if (symbol.st_name == 0) continue;
        std::string name = file.text(names.sh_offset + symbol.st_name);
        if (symbol.st_shndx == SHN_UNDEF) {
            symbols.imports.insert(std::move(name));
        } else if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC) {
            symbols.functions.insert(std::move(name));
        }
    }
    return symbols;
}

}  // namespace headway::doctor
