#include "common/profile/symbol_table.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace skald {
namespace {

// `count` structures of the file from `offset` on. kDataLoss where the file ends before them.
template <typename T>
Result<std::vector<T>> ReadTable(const RandomReadFile& file, uint64_t offset, uint64_t count) {
  if (offset > file.size() || count > (file.size() - offset) / sizeof(T)) {
    return DataLoss("executable: a table lies outside of the file");
  }
  std::string bytes;
  SKALD_RETURN_IF_ERROR(file.Read(offset, count * sizeof(T), bytes));
  std::vector<T> table(count);
  if (count > 0) std::memcpy(table.data(), bytes.data(), bytes.size());
  return table;
}

Result<std::vector<Elf64_Shdr>> ReadSections(const RandomReadFile& file) {
  SKALD_ASSIGN_OR_RETURN(const auto headers, ReadTable<Elf64_Ehdr>(file, 0, 1));
  const Elf64_Ehdr& header = headers.front();
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_shentsize != sizeof(Elf64_Shdr)) {
    return DataLoss("executable: no ELF file of 64 bit");
  }
  return ReadTable<Elf64_Shdr>(file, header.e_shoff, header.e_shnum);
}

}  // namespace

Result<SymbolTable> SymbolTable::Read(const RandomReadFile& file) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<Elf64_Shdr> sections, ReadSections(file));
  SymbolTable table;
  const auto symbols = std::find_if(sections.begin(), sections.end(),
                                    [](const auto& s) { return s.sh_type == SHT_SYMTAB; });
  if (symbols == sections.end()) return table;
  if (symbols->sh_link >= sections.size()) {
    return DataLoss("executable: the symbols have no strings");
  }
  const Elf64_Shdr& strings = sections[symbols->sh_link];
  SKALD_ASSIGN_OR_RETURN(const auto text,
                         ReadTable<char>(file, strings.sh_offset, strings.sh_size));
  table.strings_.assign(text.begin(), text.end());
  SKALD_ASSIGN_OR_RETURN(
      const auto entries,
      ReadTable<Elf64_Sym>(file, symbols->sh_offset, symbols->sh_size / sizeof(Elf64_Sym)));
  for (const Elf64_Sym& entry : entries) {
    if (ELF64_ST_TYPE(entry.st_info) != STT_FUNC || entry.st_shndx == SHN_UNDEF ||
        entry.st_name >= table.strings_.size()) {
      continue;
    }
    table.functions_.push_back({.begin = entry.st_value,
                                .size = static_cast<uint32_t>(std::min<uint64_t>(
                                    entry.st_size, std::numeric_limits<uint32_t>::max())),
                                .name = entry.st_name});
  }
  std::sort(table.functions_.begin(), table.functions_.end(),
            [](const Function& a, const Function& b) { return a.begin < b.begin; });
  return table;
}

std::string_view SymbolTable::NameAt(uint64_t address) const {
  auto behind = std::upper_bound(functions_.begin(), functions_.end(), address,
                                 [](uint64_t a, const Function& f) { return a < f.begin; });
  if (behind == functions_.begin()) return {};
  const Function& function = *--behind;
  // What is written in assembly may state no size.
  if (function.size != 0 && address - function.begin >= function.size) return {};
  const std::string_view from = std::string_view(strings_).substr(function.name);
  return from.substr(0, from.find('\0'));
}

}  // namespace skald
