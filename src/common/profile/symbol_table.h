#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/files.h"
#include "common/status.h"

namespace skald {

// The functions that an ELF file (64 bit, of this machine's byte order) has in its symbol table.
//
// Threads: immutable; share it.
// Cost:    the table's strings, and 16 bytes a function.
class SymbolTable {
 public:
  SymbolTable() = default;

  // kDataLoss for what is no such file, or is damaged. A stripped one has no functions.
  static Result<SymbolTable> Read(const RandomReadFile& file);

  // The function that holds the address, as the file counts them; empty if none does. Lives as
  // long as the table.
  std::string_view NameAt(uint64_t address) const;

  size_t size() const { return functions_.size(); }

 private:
  struct Function {
    uint64_t begin = 0;
    uint32_t size = 0;
    uint32_t name = 0;  // Place in strings_.
  };

  std::vector<Function> functions_;  // By begin.
  std::string strings_;
};

}  // namespace skald
