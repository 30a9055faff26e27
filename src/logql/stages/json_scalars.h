#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skald::logql {

// A scalar of a line's object: the label that `| json` makes of it, and the keys it stands under.
struct JsonScalar {
  std::string label;
  std::vector<std::string> path;
};

// All scalars of the line in order; those before the fault where a line breaks off. Nulls and
// arrays are none, as in `| json`.
std::vector<JsonScalar> ListJsonScalars(std::string_view line);

}  // namespace skald::logql
