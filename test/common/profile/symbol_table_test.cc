#include "common/profile/symbol_table.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "support/matchers.h"

namespace skald {
namespace {

using test::HasCode;
using test::IsOk;

// A file that is a text.
class TextFile final : public RandomReadFile {
 public:
  explicit TextFile(std::string text) : text_(std::move(text)) {}

  Status Read(uint64_t offset, uint64_t count, std::string& out) const override {
    if (offset > text_.size() || count > text_.size() - offset) return DataLoss("short");
    out = text_.substr(offset, count);
    return {};
  }
  uint64_t size() const override { return text_.size(); }
  std::string version() const override { return {}; }

 private:
  const std::string text_;
};

template <typename T>
void Append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

Elf64_Sym Function(uint32_t name, uint64_t begin, uint64_t size) {
  Elf64_Sym symbol = {};
  symbol.st_name = name;
  symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
  symbol.st_shndx = 1;
  symbol.st_value = begin;
  symbol.st_size = size;
  return symbol;
}

// A file of nothing but three functions: alpha at 100, beta at 200, open-ended gamma at 300.
std::string SmallElf() {
  const std::string strings = std::string("\0alpha\0beta\0gamma\0", 18);
  std::string symbols;
  for (const Elf64_Sym& symbol :
       {Function(12, 300, 0), Function(7, 200, 50), Function(1, 100, 20)}) {
    Append(symbols, symbol);
  }
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 3;
  header.e_shoff = sizeof header;
  Elf64_Shdr table = {};
  table.sh_type = SHT_SYMTAB;
  table.sh_offset = sizeof header + 3 * sizeof(Elf64_Shdr);
  table.sh_size = symbols.size();
  table.sh_link = 2;
  Elf64_Shdr text = {};
  text.sh_type = SHT_STRTAB;
  text.sh_offset = table.sh_offset + table.sh_size;
  text.sh_size = strings.size();
  std::string file;
  Append(file, header);
  Append(file, Elf64_Shdr{});
  Append(file, table);
  Append(file, text);
  return file + symbols + strings;
}

TEST(SymbolTableTest, FindsTheFunctionThatHoldsAnAddress) {
  const auto table = SymbolTable::Read(TextFile(SmallElf()));
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->size(), 3u);
  EXPECT_EQ(table->NameAt(99), "");
  EXPECT_EQ(table->NameAt(100), "alpha");
  EXPECT_EQ(table->NameAt(119), "alpha");
  EXPECT_EQ(table->NameAt(120), "");
  EXPECT_EQ(table->NameAt(249), "beta");
  EXPECT_EQ(table->NameAt(5000), "gamma");
}

TEST(SymbolTableTest, IsEmptyForAFileWithoutSymbols) {
  std::string elf = SmallElf();
  elf[sizeof(Elf64_Ehdr) + sizeof(Elf64_Shdr) + 4] = SHT_PROGBITS;
  const auto table = SymbolTable::Read(TextFile(elf));
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->NameAt(100), "");
}

TEST(SymbolTableTest, RefusesWhatIsNoExecutable) {
  EXPECT_THAT(SymbolTable::Read(TextFile("")), HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(SymbolTable::Read(TextFile(std::string(1000, 'x'))), HasCode(StatusCode::kDataLoss));
}

TEST(SymbolTableTest, SurvivesDamageOfEveryByteAndEveryCut) {
  const std::string elf = SmallElf();
  for (size_t i = 0; i < elf.size(); ++i) {
    for (const char change : {'\x01', '\x80', '\xff'}) {
      std::string damaged = elf;
      damaged[i] = static_cast<char>(damaged[i] ^ change);
      if (const auto table = SymbolTable::Read(TextFile(damaged)); table.ok()) {
        for (const uint64_t address : {0, 100, 210, 1 << 30}) {
          EXPECT_LE(table->NameAt(address).size(), elf.size());
        }
      }
    }
    EXPECT_THAT(SymbolTable::Read(TextFile(elf.substr(0, i))), HasCode(StatusCode::kDataLoss));
  }
}

}  // namespace
}  // namespace skald
