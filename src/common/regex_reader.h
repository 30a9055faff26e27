#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace skald {

// Reads RE2's syntax piece by piece: operators, characters, escapes, counts.
//
// Ownership: views the pattern.
// Threads:   not synchronised.
class RegexReader {
 public:
  explicit RegexReader(std::string_view pattern) : rest_(pattern) {}

  bool at_end() const { return rest_.empty(); }
  // Whether something was not understood; there is nothing left to read then.
  bool failed() const { return failed_; }
  void Fail();

  bool At(std::string_view text) const { return rest_.starts_with(text); }
  bool Take(std::string_view text);
  // Takes all up to and including `end`. Without it TakePast fails, TakePastIfAny takes nothing.
  void TakePast(std::string_view end);
  void TakePastIfAny(std::string_view end);
  // Requires: !at_end(). Fails if it is no UTF-8.
  uint32_t TakeRune();

  // The character that backslash and `rune` (taken already) stand for; nothing for letters and
  // digits that stand for no character.
  std::optional<uint32_t> EscapedRune(uint32_t rune);
  // Behind `\p`: a letter, or a name in braces.
  void TakeUnicodeClass();

  struct Counts {
    size_t min = 0;
    size_t max = 0;  // SIZE_MAX: no bound.
  };
  // A repetition such as {2,3}. Nothing, with nothing taken, if the brace is plain text.
  std::optional<Counts> TakeCounts();

 private:
  std::optional<uint32_t> HexRune();
  std::optional<uint32_t> OctalRune(uint32_t first);

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace skald
