#include "patterns/line_tokens.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "common/hash.h"
#include "common/utf8.h"

namespace skald::patterns {
namespace {

// What a byte means; a token's bytes are or-ed, so that one look at the end tells all.
enum : uint8_t {
  kSeparator = 1,  // Always.
  kSoft = 2,       // A separator where it ends a word.
  kEquals = 4,
  kAngle = 8,  // May begin what a pattern would read as a placeholder.
  kDigit = 16,
  kHigh = 32,  // Not ASCII.
  kHide = 64,  // The token cannot be shown.
  kNotName = 128,
};
constexpr uint8_t kStops = kSeparator | kSoft | kEquals | kAngle;

constexpr bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes = {};
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    uint8_t bits = 0;
    if (i < 0x20 || i == 0x7f) bits = kHide | kNotName;
    if (i >= 0x80) bits = kHigh | kNotName;
    if (IsDigit(c)) bits = kDigit;
    const bool name = IsNameStart(c) || IsDigit(c) || c == '.' || c == '-' || c == '@';
    if (!name) bits |= kNotName;
    classes[static_cast<size_t>(i)] = bits;
  }
  for (const char c : {' ', '\t', '\r', '"', '\'', '`', '(', ')', '[', ']', '{', '}', '|'}) {
    classes[static_cast<uint8_t>(c)] = kSeparator;
  }
  for (const char c : {',', ';', ':'}) classes[static_cast<uint8_t>(c)] = kSoft | kNotName;
  classes[static_cast<uint8_t>('=')] = kEquals | kNotName;
  classes[static_cast<uint8_t>('<')] = kAngle | kNotName;
  return classes;
}

constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

uint8_t ClassOf(char c) { return kClasses[static_cast<uint8_t>(c)]; }

// Whether a pattern with `text` would take its front for a placeholder: <name>.
bool IsPlaceholder(std::string_view text) {
  if (text.size() < 3 || !IsNameStart(text[1])) return false;
  size_t end = 2;
  while (end < text.size() && (IsNameStart(text[end]) || IsDigit(text[end]))) ++end;
  return end < text.size() && text[end] == '>';
}

// Adds texts and marks to a hash, eight bytes at a step.
//
// Threads: not synchronised.
class SkeletonHash {
 public:
  void Add(std::string_view text) {
    const char* at = text.data();
    size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) {
      uint64_t word;
      std::memcpy(&word, at, sizeof(word));
      Mix(word);
    }
    uint64_t rest = left;  // So that "" and "\0" differ.
    for (size_t i = 0; i < left; ++i) rest = rest << 8 | static_cast<uint8_t>(at[i]);
    Mix(rest);
  }
  void Add(TokenKind kind) { Mix(uint64_t{0xff00} + static_cast<uint64_t>(kind)); }
  void Add(bool flag) { Mix(uint64_t{0xfe00} + (flag ? 1 : 0)); }

  uint64_t value() const { return hash_; }

 private:
  void Mix(uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9e3779b97f4a7c15ull;
    hash_ ^= hash_ >> 29;
  }

  uint64_t hash_ = 0x27d4eb2f165667c5ull;
};

// One walk over a line.
class Splitter {
 public:
  Splitter(std::string_view line, const LineCaps& caps, LineTokens& out)
      : line_(line), caps_(caps), out_(out) {}

  void Run() {
    for (;;) {
      SkipSeparators();
      if (at_ == line_.size()) break;
      if (out_.tokens.size() == caps_.tokens) {
        at_ = out_.tokens.empty() ? 0 : out_.tokens.back().end;
        break;
      }
      ReadToken();
    }
    out_.length = at_;
    hash_.Add(line_.substr(hashed_, at_ - hashed_));
  }

  SkeletonHash& hash() { return hash_; }

 private:
  void SkipSeparators() {
    while (at_ < line_.size() && (ClassOf(line_[at_]) & (kSeparator | kSoft | kEquals)) != 0) ++at_;
  }

  void ReadToken() {
    const size_t begin = at_;
    uint8_t seen = 0;
    bool key = false;
    for (; at_ < line_.size(); ++at_) {
      const uint8_t bits = ClassOf(line_[at_]);
      if ((bits & kStops) != 0) {
        if ((bits & kSeparator) != 0) break;
        if ((bits & kSoft) != 0 && EndsWord()) break;
        if ((bits & kEquals) != 0 && IsName(begin, seen)) {
          key = true;
          break;
        }
        if ((bits & kAngle) != 0 && IsPlaceholder(line_.substr(at_))) seen |= kHide;
      }
      seen |= bits;
    }
    Add(begin, seen, key || IsJsonKey(begin));
  }

  // Whether nothing of the word follows the byte at hand, or that and one more, as in fe80::1.
  bool EndsWord() const {
    size_t next = at_ + 1;
    if (next < line_.size() && (ClassOf(line_[next]) & kSoft) != 0) ++next;
    return next == line_.size() || (ClassOf(line_[next]) & (kSeparator | kSoft | kEquals)) != 0;
  }

  // Whether what was read is a name that `=` gives a value. What follows a `=` is a value.
  bool IsName(size_t begin, uint8_t seen) const {
    return (seen & kNotName) == 0 && !IsDigit(line_[begin]) &&
           (begin == 0 || line_[begin - 1] != '=');
  }

  bool IsJsonKey(size_t begin) const {
    return begin > 0 && line_[begin - 1] == '"' && at_ + 1 < line_.size() && line_[at_] == '"' &&
           line_[at_ + 1] == ':';
  }

  void Add(size_t begin, uint8_t seen, bool key) {
    const std::string_view text = line_.substr(begin, at_ - begin);
    TokenKind kind = key ? TokenKind::kKey : TokenKind::kWord;
    if ((seen & kDigit) != 0) kind = TokenKind::kVariable;
    if ((seen & kHide) != 0 || text.size() > caps_.token_bytes ||
        ((seen & kHigh) != 0 && !IsValidUtf8(text))) {
      kind = TokenKind::kHidden;
    }
    const bool fixed = kind == TokenKind::kWord || kind == TokenKind::kKey;
    hash_.Add(line_.substr(hashed_, (fixed ? at_ : begin) - hashed_));
    hash_.Add(kind);
    hashed_ = at_;
    out_.tokens.push_back(
        {.begin = static_cast<uint16_t>(begin), .end = static_cast<uint16_t>(at_), .kind = kind});
  }

  const std::string_view line_;
  const LineCaps& caps_;
  LineTokens& out_;
  size_t at_ = 0;
  size_t hashed_ = 0;
  SkeletonHash hash_;
};

}  // namespace

void SplitLine(std::string_view line, const LineCaps& caps, LineTokens& out) {
  out.tokens.clear();
  std::string_view first = line.substr(0, std::min(caps.line_bytes, LineCaps::kMaxLineBytes));
  first = first.substr(0, first.find('\n'));
  Splitter splitter(first, caps, out);
  splitter.Run();
  out.cut = out.length < line.size();
  splitter.hash().Add(out.cut);
  out.skeleton = splitter.hash().value();
}

uint64_t ShapeOf(std::string_view line, const LineTokens& tokens) {
  SkeletonHash hash;
  size_t from = 0;
  for (const LineToken& token : tokens.tokens) {
    const bool key = token.kind == TokenKind::kKey;
    hash.Add(line.substr(from, (key ? token.end : token.begin) - from));
    hash.Add(key);
    from = token.end;
  }
  hash.Add(line.substr(from, tokens.length - from));
  hash.Add(tokens.cut);
  return hash.value();
}

}  // namespace skald::patterns
