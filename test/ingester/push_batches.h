#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/push_batch.h"

namespace skald::ingester {

struct TestEntry {
  int64_t time_ns = 0;
  std::string line;
  std::vector<std::pair<std::string, std::string>> metadata;

  friend auto operator<=>(const TestEntry&, const TestEntry&) = default;
};

struct TestStream {
  model::Labels labels;
  std::vector<TestEntry> entries;
};

// What the distributor would hand on.
inline model::PushBatch MakeBatch(const std::vector<TestStream>& streams) {
  model::PushBatch batch;
  const auto keep = [&](const std::string& text) -> std::string_view {
    return batch.buffers.emplace_back(text);
  };
  for (const TestStream& stream : streams) {
    model::PushStream& out = batch.streams.emplace_back();
    out.labels = std::make_shared<const model::Labels>(stream.labels);
    out.fingerprint = stream.labels.Hash();
    out.entry_begin = static_cast<uint32_t>(batch.entries.size());
    out.entry_count = static_cast<uint32_t>(stream.entries.size());
    for (const TestEntry& entry : stream.entries) {
      model::PushEntry& row = batch.entries.emplace_back();
      row.time_ns = entry.time_ns;
      row.line = keep(entry.line);
      row.metadata_begin = static_cast<uint32_t>(batch.metadata.size());
      row.metadata_count = static_cast<uint32_t>(entry.metadata.size());
      for (const auto& [name, value] : entry.metadata) {
        batch.metadata.push_back({keep(name), keep(value)});
      }
    }
  }
  return batch;
}

}  // namespace skald::ingester
