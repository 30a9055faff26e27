#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "common/json_writer.h"

namespace skald::maintenance {

// Something that is not as it should be, or worth to know, and where.
//
// Threads: a value.
struct Finding {
  enum class Severity {
    kNote,   // By rule: what a crash or a running server leaves behind.
    kFault,  // Stored bytes are wrong.
  };

  Severity severity = Severity::kFault;
  std::string file = {};                // A path.
  std::optional<uint64_t> offset = {};  // In the file.
  std::optional<size_t> chunk = {};     // Of a pack, counted from 0.
  std::string stream = {};              // {app="x"}; empty: of none, or unknown.
  std::string what = {};                // "block 3: column lines: crc mismatch"

  // "fault: data/chunks/packs/local/18: offset 8: chunk 0: {app="x"}: block 3: ..."
  std::string ToLine() const;
  void AppendJson(JsonWriter& json) const;
};

// Under the key "findings", as a list.
void AppendFindings(std::span<const Finding> findings, JsonWriter& json);

using OnFinding = std::function<void(Finding)>;

}  // namespace skald::maintenance
