#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skald::chunkstore {

// How finely texts are cut: whole lines keep addresses, paths and quoted texts together, which are
// cut in turn where they differ too much to be listed.
enum class Cut { kLine, kWord };

// A text cut into tokens and what stands between them. Texts with the same separators have the same
// shape: what they hold in one place is likely to be alike.
//
//   {"path":"/a b","status":200}   kLine: [path] [:] [/a b] [status] [:200]
//                                  shape: {" | " | " | "," | " | }
//
// Tokens are never empty. Text within double quotes is one token, whatever it holds.
struct CutText {
  std::vector<std::string_view> tokens;
  std::string shape;  // One more separator than there are tokens, a NUL after each.
};

constexpr size_t kMaxTokens = 96;

// Whether `text` has at most kMaxTokens tokens, and one at least; else `out` is of no use.
// Requires: `out` is empty or was used for this before.
bool CutIntoTokens(std::string_view text, Cut cut, CutText& out);

// The longest part of `literal` without a separator of that cut. If a text that is cut so holds the
// literal, one of its tokens holds this part.
std::string_view LongestTokenPart(std::string_view literal, Cut cut);

}  // namespace skald::chunkstore
