#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/entry_block.h"
#include "model/labels.h"
#include "support/time_units.h"

namespace skald::test {

// 2023-11-14 22:13:20 UTC.
constexpr int64_t kStartNs = 1'700'000'000'000'000'000;

// An entry as tests write it and compare it.
struct TestEntry {
  int64_t time = kStartNs;
  uint64_t seq = 0;
  std::string line;
  std::vector<std::pair<std::string, std::string>> metadata;  // Sorted by name.

  friend bool operator==(const TestEntry&, const TestEntry&) = default;
};

inline model::EntryBlock MakeBlock(const std::vector<TestEntry>& entries) {
  model::EntryBlockBuilder builder;
  for (const TestEntry& entry : entries) {
    std::vector<model::MetadataPair> metadata;
    for (const auto& [name, value] : entry.metadata) metadata.push_back({name, value});
    builder.Append(entry.time, entry.seq, entry.line, metadata);
  }
  return builder.Finish();
}

inline TestEntry EntryAt(const model::EntryBlock& block, size_t row) {
  TestEntry entry{.time = block.times[row], .seq = block.seqs[row], .line = "", .metadata = {}};
  if (block.has_lines) entry.line = block.lines[row];
  for (const model::MetadataColumn& column : block.metadata) {
    if (column.Has(row)) entry.metadata.emplace_back(column.name, column[row]);
  }
  return entry;
}

inline std::vector<TestEntry> EntriesOf(const model::EntryBlock& block) {
  std::vector<TestEntry> entries;
  for (size_t row = 0; row < block.size(); ++row) entries.push_back(EntryAt(block, row));
  return entries;
}

// Lines such as services write, with ids, numbers, words and metadata; the same for a seed.
class EntryGenerator {
 public:
  explicit EntryGenerator(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t limit) { return random_() % limit; }

  std::string Hex(size_t digits) {
    std::string text;
    while (text.size() < digits) text.push_back("0123456789abcdef"[Below(16)]);
    return text;
  }

  std::string Line() {
    static constexpr const char* kWords[] = {"user",  "order",   "Payment", "cache",    "TIMEOUT",
                                             "retry", "backend", "ошибка",  "错误超时", "commit"};
    std::string line = "level=";
    line += Below(5) == 0 ? "error" : "info";
    line += " msg=\"" + std::string(kWords[Below(10)]) + " " + kWords[Below(10)];
    line += "\" trace=" + Hex(16) + " status=" + std::to_string(200 + Below(300));
    line += " addr=10." + std::to_string(Below(256)) + "." + std::to_string(Below(256)) + ".7";
    return line;
  }

  // `count` entries, times ascending by up to `max_gap_ns`.
  std::vector<TestEntry> Entries(size_t count, int64_t start = kStartNs,
                                 int64_t max_gap_ns = 20'000'000) {
    std::vector<TestEntry> entries;
    int64_t time = start;
    for (size_t i = 0; i < count; ++i) {
      time += static_cast<int64_t>(Below(static_cast<uint64_t>(max_gap_ns)));
      TestEntry entry{.time = time, .seq = next_seq_++, .line = Line(), .metadata = {}};
      entry.metadata.emplace_back("detected_level", Below(5) == 0 ? "error" : "info");
      if (Below(2) == 0) entry.metadata.emplace_back("trace_id", Hex(32));
      entries.push_back(std::move(entry));
    }
    return entries;
  }

 private:
  std::mt19937_64 random_;
  uint64_t next_seq_ = 1;
};

}  // namespace skald::test
