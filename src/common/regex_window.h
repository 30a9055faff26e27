#pragma once

#include <string_view>
#include <vector>

#include "common/byte_set_search.h"

namespace skald {

// Sets of bytes such that each text that the expression matches has, somewhere in it, a byte of
// each of them, one behind the other: for `[45]\d\d\s+\d`, these are [45], [0-9], [0-9] and [\s].
// Those that logs have least. Empty if nearly all texts of logs would have such bytes.
//
// Requires: `pattern` is one that Regex::Compile takes.
std::vector<ByteSet> RequiredWindow(std::string_view pattern);

}  // namespace skald
