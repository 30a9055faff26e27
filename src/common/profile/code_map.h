#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/profile/symbol_table.h"

namespace skald {

// The code of this process as it is in memory: which file an address is of, and which function.
//
// Threads: immutable once made; share it.
// Cost:    OfThisProcess reads the executable's symbols, which may be tens of MB and are kept.
class CodeMap {
 public:
  // A stretch of memory that a file's code is mapped to.
  struct Module {
    uint64_t begin = 0;
    uint64_t end = 0;
    uint64_t file_offset = 0;  // Of `begin`.
    std::string path;
    std::string build_id;  // In hex; empty if the file has none.
  };
  struct Function {
    std::string name;    // As one reads it: "skald::Log(...)"; "skald+0x1234" if it has none.
    std::string symbol;  // As the linker knows it.
  };

  // The executable comes first. Functions of a stripped one have no name.
  static CodeMap OfThisProcess();

  const std::vector<Module>& modules() const { return modules_; }
  // Null for an address that is of no code.
  const Module* ModuleAt(uintptr_t address) const;
  // Requires: ModuleAt(address) is not null.
  Function FunctionAt(uintptr_t address) const;

 private:
  std::vector<Module> modules_;
  uint64_t executable_base_ = 0;  // What its symbols' addresses count from.
  SymbolTable executable_;
};

}  // namespace skald
