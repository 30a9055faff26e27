#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace skald::logql {

// One step of a path into a document: a member's name, or an array's index.
struct JsonStep {
  bool is_index = false;
  std::string key;
  size_t index = 0;

  friend bool operator==(const JsonStep&, const JsonStep&) = default;
};
using JsonPath = std::vector<JsonStep>;

// Parses the paths of `| json a="..."`: names joined by dots, `["any name"]`, `[3]`.
// kInvalidArgument `cannot parse expression [text]: syntax error: ...`.
Result<JsonPath> ParseJsonPath(std::string_view text);

}  // namespace skald::logql
