#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skald::differential {

// Of a stream whose lines are not worth looking for.
inline constexpr std::string_view kNoiseApp = "noise";

using LabelMap = std::map<std::string, std::string>;

// An entry as it is pushed.
struct Entry {
  int64_t time_ns = 0;
  std::string line;
  LabelMap metadata;

  friend bool operator==(const Entry&, const Entry&) = default;
};

struct Stream {
  LabelMap labels;
  std::vector<Entry> entries;  // In order of arrival.
};

// What a query runs on. No two streams have an entry of the same time: which of them comes first is
// nobody's contract.
struct DataSet {
  std::vector<Stream> streams;
  // Parts of lines that few entries have (none, where a line was cut off), for queries to ask for;
  // may be empty.
  std::vector<std::string> rare_texts;
};

}  // namespace skald::differential
