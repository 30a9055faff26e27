#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skald {

// What a key ("querier.extra_query_delay") is in Loki's configuration file, among those that mean
// nothing here (loki_key_table.h). Such a key may stand in a file; any other unknown key is a
// mistake.
enum class LokiKey {
  kNone,     // Not one of Loki's.
  kNamed,    // A setting or a section, known by its name.
  kAnything  // Below a section of which anything is taken, as not all of it is known.
};
LokiKey KindOfLokiKey(std::string_view key);

// The keys that are known by name and stand in the same section as `key`.
std::vector<std::string> LokiKeysBeside(std::string_view key);

// Whether Loki has such a flag ("store.max-parallel-get-chunk"), and it means nothing here.
bool IsLokiFlag(std::string_view name);

}  // namespace skald
