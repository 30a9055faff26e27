#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "patterns/line_tokens.h"

namespace skald::patterns {

// Lines of one shape and the pattern that they have in common: the first line, and which of its
// tokens are placeholders by now.
//
// Ownership: copies what it keeps.
// Threads:   not synchronised.
class PatternCluster {
 public:
  PatternCluster() = default;
  // A cluster of one line, which `tokens` are of.
  PatternCluster(std::string_view line, const LineTokens& tokens);

  // The share of words that the line has in common with the pattern, 0 to 1; 1 if there are none.
  // Requires: the line is of the same shape.
  double Similarity(std::string_view line, const LineTokens& tokens) const;

  // Takes a line in: what differs becomes a placeholder. Requires: the line is of the same shape.
  void Take(std::string_view line, const LineTokens& tokens);
  // The same, cheaper, of a line with the skeleton of one that was taken in before.
  void TakeKnown(std::string_view line, const LineTokens& tokens);

  // The expression of `|>` that all lines taken in match.
  std::string Pattern() const;

  size_t token_count() const { return slots_.size(); }
  size_t MemoryBytes() const;

 private:
  struct Slot {
    LineToken token;
    bool open = false;  // A placeholder.
  };

  static constexpr uint16_t kNoKey = 0xffff;

  // Makes a placeholder of the token at `place` if the line's differs.
  void Settle(size_t place, std::string_view line, const LineTokens& tokens);
  // The end of the last key and what surrounds it, if no `|>` finds it before; else 0.
  size_t AfterLastKey(std::string_view line, const LineTokens& tokens) const;
  // Takes note of how much of the line's end must stay literal; see the .cc.
  void WatchTail(std::string_view line, const LineTokens& tokens);
  // Tokens at the end that are literal.
  size_t TailTokens() const;

  std::string line_;  // As far as it was looked at.
  std::vector<Slot> slots_;
  std::vector<uint16_t> unsettled_;  // Variable tokens that all lines had alike so far.
  size_t open_count_ = 0;
  uint16_t last_key_ = kNoKey;
  bool cut_ = false;
  bool tail_lost_ = false;    // The pattern cannot end with a literal.
  uint16_t tail_tokens_ = 0;  // If it does, with so many tokens at least.
};

}  // namespace skald::patterns
