// Why a line matches the pattern of its cluster.
//
// `|>` looks for each literal at the first place after the one before it, and at least a byte
// further if a placeholder is between. Placeholders that touch are one. The literals of a pattern
// are substrings of each of its lines, in order and a token or more apart, so they are always
// found: the first place is never later than the one the literal was taken from. But if the pattern
// ends with a literal, the first place must be the end of the line, as `|>` does not try a second
// one:
//
//   retry after error a: closed     first line
//   retry after error b: closed     second line: the pattern is now `retry after error <_> closed`
//   retry after error closed closed third line: ` closed` is found too early
//
// So for each line the number of tokens is found that a literal at the end must have to occur once:
// in the line, or behind its last key, which is always literal, if that occurs once itself. The
// pattern ends with its literal as long as that has as many, and with a placeholder otherwise. A
// longer literal occurs once if a shorter one does, so lines that are gone need not be asked.

#include "patterns/pattern_cluster.h"

#include <string.h>  // memmem is no part of <cstring>.

#include <algorithm>

namespace skald::patterns {
namespace {

constexpr std::string_view kPlaceholder = "<_>";

// Where `text` is found first at or after `from`; the line's size if it is not.
size_t FindFrom(std::string_view line, std::string_view text, size_t from) {
  const void* found = memmem(line.data() + from, line.size() - from, text.data(), text.size());
  return found == nullptr ? line.size()
                          : static_cast<size_t>(static_cast<const char*>(found) - line.data());
}

}  // namespace

PatternCluster::PatternCluster(std::string_view line, const LineTokens& tokens)
    : line_(line.substr(0, tokens.length)), cut_(tokens.cut) {
  slots_.reserve(tokens.tokens.size());
  for (const LineToken& token : tokens.tokens) {
    const auto place = static_cast<uint16_t>(slots_.size());
    if (token.kind == TokenKind::kVariable) unsettled_.push_back(place);
    if (token.kind == TokenKind::kKey) last_key_ = place;
    const bool open = token.kind == TokenKind::kHidden;
    slots_.push_back({.token = token, .open = open});
    open_count_ += open ? 1 : 0;
  }
  WatchTail(line, tokens);
}

double PatternCluster::Similarity(std::string_view line, const LineTokens& tokens) const {
  size_t words = 0;
  size_t equal = 0;
  for (size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    if (slot.token.kind != TokenKind::kWord) continue;
    ++words;
    if (!slot.open && slot.token.Of(line_) == tokens.tokens[i].Of(line)) ++equal;
  }
  return words == 0 ? 1 : static_cast<double>(equal) / static_cast<double>(words);
}

void PatternCluster::Take(std::string_view line, const LineTokens& tokens) {
  for (size_t i = 0; i < slots_.size(); ++i) Settle(i, line, tokens);
  std::erase_if(unsettled_, [&](uint16_t i) { return slots_[i].open; });
  WatchTail(line, tokens);
}

void PatternCluster::TakeKnown(std::string_view line, const LineTokens& tokens) {
  const size_t open_before = open_count_;
  for (const uint16_t i : unsettled_) Settle(i, line, tokens);
  if (open_count_ == 0) return;  // The line is the first one again.
  if (open_count_ > open_before) {
    std::erase_if(unsettled_, [&](uint16_t i) { return slots_[i].open; });
  }
  WatchTail(line, tokens);
}

void PatternCluster::Settle(size_t place, std::string_view line, const LineTokens& tokens) {
  Slot& slot = slots_[place];
  if (slot.open || slot.token.Of(line_) == tokens.tokens[place].Of(line)) return;
  slot.open = true;
  ++open_count_;
}

size_t PatternCluster::TailTokens() const {
  size_t count = 0;
  while (count < slots_.size() && !slots_[slots_.size() - 1 - count].open) ++count;
  return count;
}

size_t PatternCluster::AfterLastKey(std::string_view line, const LineTokens& tokens) const {
  if (last_key_ == kNoKey) return 0;
  const std::vector<LineToken>& t = tokens.tokens;
  const size_t begin = last_key_ == 0 ? 0 : t[last_key_ - 1].end;
  const size_t end = last_key_ + 1u == t.size() ? line.size() : t[last_key_ + 1].begin;
  return FindFrom(line, line.substr(begin, end - begin), 0) == begin ? end : 0;
}

void PatternCluster::WatchTail(std::string_view line, const LineTokens& tokens) {
  if (cut_ || tail_lost_ || slots_.empty()) return;
  const size_t count = slots_.size();
  const size_t tail_now = TailTokens();
  if (tail_now == 0 && tokens.tokens.back().end == line.size()) return;
  const size_t from = AfterLastKey(line, tokens);
  for (size_t tail = tail_tokens_; tail <= tail_now && tail < count; ++tail) {
    const size_t before = count - tail - 1;
    const std::string_view literal = line.substr(tokens.tokens[before].end);
    const bool has_key = from > 0 && before <= last_key_;
    if (has_key ||
        (!literal.empty() && FindFrom(line, literal, from) + literal.size() == line.size())) {
      tail_tokens_ = static_cast<uint16_t>(tail);
      return;
    }
  }
  if (tail_now == count) {
    tail_tokens_ = static_cast<uint16_t>(count);
  } else {
    tail_lost_ = true;
  }
}

std::string PatternCluster::Pattern() const {
  const size_t tail = TailTokens();
  size_t shown = slots_.size();
  size_t end = line_.size();
  if (!cut_ && tail < shown && (tail_lost_ || tail < tail_tokens_)) {
    shown -= tail;  // The last of them is a placeholder, which stands for the rest, too.
    end = slots_[shown - 1].token.end;
  }
  std::string pattern;
  size_t from = 0;
  for (size_t i = 0; i < shown; ++i) {
    const LineToken& token = slots_[i].token;
    if (!slots_[i].open) continue;
    pattern.append(line_, from, token.begin - from);
    if (token.begin > from || from == 0) pattern.append(kPlaceholder);
    from = token.end;
  }
  pattern.append(line_, from, end - from);
  const bool ends_open = from == end && from > 0;
  if (cut_ && !ends_open) pattern.append(kPlaceholder);
  return pattern;
}

size_t PatternCluster::MemoryBytes() const {
  return sizeof(*this) + line_.capacity() + slots_.capacity() * sizeof(Slot) +
         unsettled_.capacity() * sizeof(uint16_t);
}

}  // namespace skald::patterns
