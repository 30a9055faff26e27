#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "patterns/json_fields.h"

namespace skald::patterns {

// What a token is to a pattern.
enum class TokenKind : uint8_t {
  kWord,      // Text that may tell two patterns apart.
  kKey,       // The name in name=value or "name":value: never replaced by a placeholder.
  kVariable,  // Has a digit, as numbers, ids, addresses and times do: expected to differ.
  kHidden,    // Shown as a placeholder always: no UTF-8, too long, or read as one, like <b>.
};

// A piece of a line between separators: line[begin, end), never empty.
struct LineToken {
  uint16_t begin = 0;
  uint16_t end = 0;
  TokenKind kind = TokenKind::kWord;

  std::string_view Of(std::string_view line) const { return line.substr(begin, end - begin); }
};

// A line cut up.
struct LineTokens {
  std::vector<LineToken> tokens;
  size_t length = 0;  // Bytes of the line that were looked at.
  bool cut = false;   // There is more of the line than that.
  // Of words, keys, separators and the places of other tokens: equal for lines that differ in
  // nothing else.
  uint64_t skeleton = 0;
};

// How much of a line is looked at: its beginning, up to the first newline.
struct LineCaps {
  static constexpr size_t kMaxLineBytes = 0xffff;  // Places in a line have 16 bits.

  size_t line_bytes = 1024;
  size_t tokens = 96;
  size_t token_bytes = 128;  // Longer ones are hidden.
};

// Cuts a line up. Separators are blanks, quotes, brackets and `|`; `,`, `;` and `:` where they end
// a word, so that 10:00:01,123 and caller.go:194 stay whole; and the first `=` after what looks
// like a name. Runs of Chinese, Japanese and Korean characters are tokens without separators around
// them. In JSON objects the texts of fields that are none of `json_fields` stay whole, too.
// `out` is overwritten; using it again saves its allocation.
void SplitLine(std::string_view line, const LineCaps& caps, const JsonFields& json_fields,
               LineTokens& out);

// Of what all lines of a pattern have in common: keys, separators and the number of tokens.
uint64_t ShapeOf(std::string_view line, const LineTokens& tokens);

}  // namespace skald::patterns
