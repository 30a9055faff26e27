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
constexpr uint8_t kStops = kSeparator | kSoft | kEquals | kAngle | kHigh;

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

// Whether a character of three bytes and more begins here: those of Chinese, Japanese and Korean
// do, which put no blanks around numbers and foreign words.
bool IsWide(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte >= 0xe3 && byte <= 0xf4;
}

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
  Splitter(std::string_view line, const LineCaps& caps, const JsonFields& json_fields,
           LineTokens& out)
      : line_(line),
        caps_(caps),
        json_fields_(!json_fields.all() && line.starts_with('{') ? &json_fields : nullptr),
        out_(out) {}

  void Run() {
    for (;;) {
      if (!whole_text_) SkipSeparators();
      if (at_ == line_.size()) break;
      if (out_.tokens.size() == caps_.tokens) {
        at_ = out_.tokens.empty() ? 0 : out_.tokens.back().end;
        break;
      }
      if (whole_text_) {
        ReadText();
      } else {
        ReadToken();
      }
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
    if (IsWide(line_[at_])) return ReadWide();
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
        if ((bits & kHigh) != 0 && IsWide(line_[at_])) break;
      }
      seen |= bits;
    }
    Finish(begin, seen, key);
  }

  // Wide characters are a token of their own, whatever touches them.
  void ReadWide() {
    const size_t begin = at_;
    while (at_ < line_.size() && (ClassOf(line_[at_]) & kHigh) != 0) ++at_;
    Finish(begin, kHigh, false);
  }

  void Finish(size_t begin, uint8_t seen, bool key) {
    const bool json_key = IsJsonKey(begin);
    whole_text_ = json_key && json_fields_ != nullptr &&
                  !json_fields_->Has(line_.substr(begin, at_ - begin)) && FindText();
    Add(begin, seen, key || json_key);
  }

  // Whether the field whose key ends here has a text. Sets where that begins.
  bool FindText() {
    text_begin_ = at_ + 2;  // Behind the key's `":`.
    while (text_begin_ < line_.size() && line_[text_begin_] == ' ') ++text_begin_;
    return text_begin_ < line_.size() && line_[text_begin_++] == '"';
  }

  // One token, up to the quote that ends the text.
  void ReadText() {
    at_ = text_begin_;
    uint8_t seen = 0;
    bool escaped = false;
    for (; at_ < line_.size() && (escaped || line_[at_] != '"'); ++at_) {
      escaped = !escaped && line_[at_] == '\\';
      seen |= ClassOf(line_[at_]);
      if (line_[at_] == '<' && IsPlaceholder(line_.substr(at_))) seen |= kHide;
    }
    whole_text_ = false;
    if (at_ > text_begin_) Add(text_begin_, seen, false);
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
  const JsonFields* const json_fields_;  // Null where all texts are cut up.
  LineTokens& out_;
  size_t at_ = 0;
  bool whole_text_ = false;  // What follows is a text that stays whole, from text_begin_ on.
  size_t text_begin_ = 0;
  size_t hashed_ = 0;
  SkeletonHash hash_;
};

}  // namespace

void SplitLine(std::string_view line, const LineCaps& caps, const JsonFields& json_fields,
               LineTokens& out) {
  out.tokens.clear();
  std::string_view first = line.substr(0, std::min(caps.line_bytes, LineCaps::kMaxLineBytes));
  first = first.substr(0, first.find('\n'));
  Splitter splitter(first, caps, json_fields, out);
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
