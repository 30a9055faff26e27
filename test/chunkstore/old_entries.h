#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "chunkstore/test_entries.h"

namespace skald::test {

// What is in each pack of testdata/: they were written from this header, so it must stay as it is.
struct OldStream {
  std::string tenant;
  std::string app;  // Its labels: app, and env="prod".
  std::vector<TestEntry> entries;
};
constexpr size_t kOldStreams = 3;
constexpr size_t kOldEntries = 48;  // Of each; those from kOldMidnight on are of the next day.
constexpr size_t kOldMidnight = 26;

// 16 hex digits that no other number has.
inline std::string OldHex(uint64_t number) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx",
                static_cast<unsigned long long>((number + 1) * 0x9e3779b97f4a7c15ull));
  return digits;
}
// Stands in the line of an entry, and nowhere else.
inline std::string OldTrace(size_t stream, size_t number) {
  const uint64_t key = 1000 * stream + number;
  return OldHex(key) + OldHex(key + 500'000);
}

inline TestEntry OldEntryOf(size_t stream, size_t number) {
  static constexpr const char* kWords[] = {"order", "Payment", "TIMEOUT", "ошибка", "錯誤超時"};
  TestEntry entry;
  entry.time = kStartNs + static_cast<int64_t>(number) * 250 * kSecond + 1'234'567;
  entry.seq = 100 * stream + number + 1;
  entry.line = "level=" + std::string(number % 4 == 0 ? "error" : "info") + " msg=\"" +
               kWords[number % 5] + " served\" trace=" + OldTrace(stream, number) +
               " status=" + std::to_string(200 + number) + " took=" + std::to_string(7 * number) +
               "ms";
  entry.metadata.emplace_back("detected_level", number % 4 == 0 ? "error" : "info");
  if (number % 2 == 0) entry.metadata.emplace_back("user", "u" + std::to_string(number % 6));
  return entry;
}

inline OldStream OldStreamOf(size_t stream) {
  OldStream old{
      .tenant = stream < 2 ? "tenant" : "other", .app = stream == 1 ? "web" : "api", .entries = {}};
  for (size_t i = 0; i < kOldEntries; ++i) old.entries.push_back(OldEntryOf(stream, i));
  return old;
}

}  // namespace skald::test
