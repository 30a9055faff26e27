#pragma once

#include <string>

#include "model/labels.h"
#include "model/push_batch.h"

namespace skald::test {

// A batch as text, a line for each stream and, indented, for each entry:
//
//   {app="a"}
//     1700000000000000000 the line trace_id=abc
inline std::string PrintBatch(const model::PushBatch& batch) {
  std::string out;
  for (const model::PushStream& stream : batch.streams) {
    out += stream.labels ? stream.labels->ToString() : std::string(stream.label_text);
    out += '\n';
    for (uint32_t i = 0; i < stream.entry_count; ++i) {
      const model::PushEntry& entry = batch.entries[stream.entry_begin + i];
      out += "  " + std::to_string(entry.time_ns) + " " + std::string(entry.line);
      for (uint32_t k = 0; k < entry.metadata_count; ++k) {
        const model::MetadataPair& pair = batch.metadata[entry.metadata_begin + k];
        out += " " + std::string(pair.name) + "=" + std::string(pair.value);
      }
      out += '\n';
    }
  }
  return out;
}

}  // namespace skald::test
