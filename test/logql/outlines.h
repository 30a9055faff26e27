#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/line_excerpt.h"

namespace skald::test {

using Hole = model::LineOutline::Hole;

inline Hole Text() { return {}; }
inline Hole PlainText() { return {.plain = true}; }
inline Hole Number(std::string_view prefix) {
  return {.kind = Hole::Kind::kNumber, .prefix = prefix, .plain = true};
}
inline Hole Listed(std::vector<std::string_view> values) {
  return {.kind = Hole::Kind::kListed, .values = std::move(values), .plain = true};
}

// Lines with that text, in which a `*` is a hole.
inline model::LineOutline OutlineOf(std::string text, std::vector<Hole> holes) {
  for (char& c : text) c = c == '*' ? '\0' : c;
  return {.text = std::move(text), .holes = std::move(holes)};
}

// What is kept of the outline, written as above.
inline std::string Kept(const model::LineOutline& outline,
                        const std::vector<model::LineExcerpt::Range>& ranges) {
  std::string kept;
  for (const auto& [begin, end] : ranges) kept += outline.text.substr(begin, end - begin);
  for (char& c : kept) c = c == '\0' ? '*' : c;
  return kept;
}

}  // namespace skald::test
