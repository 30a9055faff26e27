#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/entry_block.h"

namespace skald::model {

// Finds the code of a value among the distinct values of a metadata column, as it grows.
//
// Threads: not synchronised.
// Cost:    16 bytes a value besides the column; nothing for the first few, which are compared one
// by
//          one: most names have no more (detected_level), and a million streams a dictionary each.
class ValueDictionary {
 public:
  // The code of `value` in `values`, to which it is appended when new. Codes count from 1 in the
  // order of first appearance. Requires: always the same `values`, changed by nobody else.
  uint32_t Code(std::string_view value, TextColumn& values);

 private:
  // Begins to hash `values`.
  void HashAll(const TextColumn& values);
  void Grow();

  std::vector<uint32_t> slots_;   // Open addressing: a code, or 0. The size is a power of two.
  std::vector<uint64_t> hashes_;  // Of values by code - 1.
  uint32_t last_ = 0;             // The code returned last: values come in runs.
};

}  // namespace skald::model
