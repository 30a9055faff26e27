#pragma once

#include <string>
#include <utility>
#include <vector>

namespace skald::differential {

// What `| pattern` captures of a line: names and values, without `<_>`.
std::vector<std::pair<std::string, std::string>> CapturePattern(const std::string& pattern,
                                                                const std::string& line);

// Whether `|>` keeps the line.
bool MatchesPattern(const std::string& pattern, const std::string& line);

}  // namespace skald::differential
