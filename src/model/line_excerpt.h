#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skald::model {

// Lines that are alike but for some places: their common text, with a NUL for each such place, and
// what is known of what stands there.
//
//   {"method":"GET","status":200}   {"method":"\0","status"\0}   holes: GET or POST; : and a number
//
// A hole right between two double quotes has no double quote, but such as a backslash escapes; any
// other has none of ` \t\n\r\",;=()[]{}<>|&?'`.
//
// Ownership: borrows texts of holes.
struct LineOutline {
  struct Hole {
    enum class Kind : uint8_t {
      kText,    // Anything.
      kListed,  // One of `values`.
      kNumber,  // `prefix`, digits, perhaps a point and more digits, and `suffix`.
    };
    Kind kind = Kind::kText;
    std::vector<std::string_view> values;
    std::string_view prefix;
    std::string_view suffix;
    bool plain = false;  // No byte up to a blank, no double quote, backslash or `=` is in it.
  };

  std::string text;
  std::vector<Hole> holes;  // For each NUL of the text, in order.
};

// What a reader of lines looks at, told to sources, which may hand out that alone (EntryBlock).
//
// Threads: immutable; any thread may call.
class LineExcerpt {
 public:
  // Bytes of an outline's text from begin to end.
  struct Range {
    size_t begin = 0;
    size_t end = 0;
  };

  virtual ~LineExcerpt() = default;

  // Sets `kept` to what of the outline's lines makes their excerpts, ascending and apart. The
  // reader must get out of these what it gets out of the lines, whatever stands in the holes.
  // False if lines must come whole.
  virtual bool Cut(const LineOutline& outline, std::vector<Range>& kept) const = 0;
};

}  // namespace skald::model
