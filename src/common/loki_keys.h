#pragma once

#include <string_view>

namespace skald {

// Whether `key` ("querier.extra_query_delay") is a setting of Loki's configuration file. Such a key
// may stand in a file although it means nothing here; any other unknown key is a mistake.
bool IsLokiKey(std::string_view key);

}  // namespace skald
