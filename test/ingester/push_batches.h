#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/compress.h"
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
  std::string policy = {};
};

enum class Packing { kNone, kSnappy };

// What the distributor would hand on; with kSnappy, as of a push that came so and shrank well.
inline model::PushBatch MakeBatch(const std::vector<TestStream>& streams,
                                  Packing packing = Packing::kNone) {
  model::PushBatch batch;
  const auto keep = [&](const std::string& text) -> std::string_view {
    return batch.buffers.emplace_back(text);
  };
  size_t next_line = 0;  // In buffers.front(), when packed.
  if (packing == Packing::kSnappy) {
    std::string message;
    for (const TestStream& stream : streams) {
      for (const TestEntry& entry : stream.entries) message += "\x12\x05" + entry.line;
    }
    message.append(100 + message.size(), 'x');
    Compress(Codec::kSnappy, message, batch.packed);
    keep(message);
  }
  for (const TestStream& stream : streams) {
    model::PushStream& out = batch.streams.emplace_back();
    out.labels = std::make_shared<const model::Labels>(stream.labels);
    out.fingerprint = stream.labels.Hash();
    out.policy = keep(stream.policy);
    out.entry_begin = static_cast<uint32_t>(batch.entries.size());
    out.entry_count = static_cast<uint32_t>(stream.entries.size());
    for (const TestEntry& entry : stream.entries) {
      model::PushEntry& row = batch.entries.emplace_back();
      row.time_ns = entry.time_ns;
      if (packing == Packing::kNone) {
        row.line = keep(entry.line);
      } else {
        row.line = std::string_view(batch.buffers.front()).substr(next_line + 2, entry.line.size());
        next_line += 2 + entry.line.size();
      }
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
