#pragma once

#include <string_view>
#include <vector>

namespace skald {

// Whether `key` ("querier.extra_query_delay") is a setting of Loki's configuration file. Such a key
// may stand in a file although it means nothing here; any other unknown key is a mistake.
bool IsLokiKey(std::string_view key);

// The same for a flag ("store.max-parallel-get-chunk").
bool IsLokiFlag(std::string_view name);

// The keys and sections that are known by name. Below some of the sections IsLokiKey takes
// whatever stands there.
std::vector<std::string_view> NamedLokiKeys();

}  // namespace skald
