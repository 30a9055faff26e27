#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace skald {

// What stands between the commas of `text`, blanks and empty parts included; nothing if `text` is
// empty. The parts are views of it.
inline std::vector<std::string_view> SplitAtCommas(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; !text.empty() && begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace skald
