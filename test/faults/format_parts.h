#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skald::test {

// What a file of a WholeStore is for, by its path: "wal", "pack", "index_table", "index_log" and so
// on.
std::string RegionOf(const std::string& path);

// What answers and log call a file: the key of a pack, the segment of the log; "index" for any of
// the index.
std::string NameOf(const std::string& path);

// Stretches of a file that are of one kind, each from its begin to its end.
struct FilePart {
  std::string name;
  std::vector<std::pair<size_t, size_t>> ranges;

  // Up to so many places, spread over all of them.
  std::vector<size_t> Places(size_t count) const;
};

// All bytes of a sound file, by the formats' own readers: packs by their filter, the heads, filters
// and blocks of their chunks, and their end; segments of the log by the header and frames. Other
// files are one part.
std::vector<FilePart> PartsOf(const std::string& path, std::string_view bytes);

// What of the formats a sound file makes use of, such as "wal: packed frame", "pack: words".
std::set<std::string> FeaturesOf(const std::string& path, std::string_view bytes);

}  // namespace skald::test
