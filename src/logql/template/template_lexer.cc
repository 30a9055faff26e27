#include "logql/template/template_lexer.h"

#include <algorithm>
#include <utility>

#include "common/quote.h"
#include "common/utf8.h"

namespace skald::logql {
namespace {

using Kind = TemplateToken::Kind;

constexpr std::string_view kLeft = "{{";
constexpr std::string_view kRight = "}}";
constexpr std::string_view kBlanks = " \t\r\n";

constexpr std::pair<std::string_view, Kind> kWords[] = {
    {"block", Kind::kBlock},       {"break", Kind::kBreak}, {"continue", Kind::kContinue},
    {"define", Kind::kDefine},     {"else", Kind::kElse},   {"end", Kind::kEnd},
    {"false", Kind::kBool},        {"if", Kind::kIf},       {"nil", Kind::kNil},
    {"range", Kind::kRange},       {"true", Kind::kBool},   {"with", Kind::kWith},
    {"template", Kind::kTemplate},
};

bool IsBlank(uint32_t rune) { return rune == ' ' || rune == '\t' || rune == '\r' || rune == '\n'; }

// Letters, digits and underscores. Past ASCII all counts that is printable and no common
// punctuation, such as the quotes that word processors make.
bool IsNameRune(uint32_t rune) {
  if (rune < 0x80) {
    const uint32_t lower = rune | 0x20;
    return (lower >= 'a' && lower <= 'z') || (rune >= '0' && rune <= '9') || rune == '_';
  }
  const bool punctuation = (rune < 0xc0 && rune != 0xaa && rune != 0xb5 && rune != 0xba) ||
                           rune == 0xd7 || rune == 0xf7 || (rune >= 0x2000 && rune <= 0x206f) ||
                           (rune >= 0x2190 && rune <= 0x2bff) || (rune >= 0x3000 && rune <= 0x3004);
  return IsPrintable(rune) && !punctuation;
}

// U+201C '“'.
std::string RuneName(uint32_t rune) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text = "U+";
  for (int shift = rune > 0xfffff ? 20 : rune > 0xffff ? 16 : 12; shift >= 0; shift -= 4) {
    text.push_back(kHex[rune >> shift & 15]);
  }
  if (IsPrintable(rune)) {
    text += " '";
    AppendRune(text, rune);
    text += "'";
  }
  return text;
}

class Lexer {
 public:
  Lexer(std::string_view text, std::string& error) : text_(text), error_(error) {}

  std::vector<TemplateToken> Run() {
    bool more = true;
    while (more) {
      more = in_action_ ? Inside() : Outside();
    }
    return std::move(tokens_);
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  bool At(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  Rune Peek() const { return AtEnd() ? Rune{0, 0, false} : DecodeRune(text_.substr(at_)); }

  // Takes one character if it is among `set`.
  bool Accept(std::string_view set) {
    const bool accepted = !AtEnd() && set.find(text_[at_]) != std::string_view::npos;
    at_ += accepted ? 1 : 0;
    return accepted;
  }
  void AcceptRun(std::string_view set) {
    while (Accept(set)) {
    }
  }

  // Whether "}}" is next, or " -}}", of which `trims` tells.
  bool AtRightDelim(bool& trims) const {
    const std::string_view rest = text_.substr(at_);
    trims = rest.size() >= 2 && IsBlank(static_cast<unsigned char>(rest[0])) && rest[1] == '-' &&
            rest.substr(2).starts_with(kRight);
    return trims || rest.starts_with(kRight);
  }

  // Whether what may follow a word or an operand is next.
  bool AtTerminator() const {
    if (AtEnd()) {
      return true;
    }
    return std::string_view(" \t\r\n.,|:)(").find(text_[at_]) != std::string_view::npos ||
           At(kRight);
  }

  // Drops what was read since the last token.
  void Ignore() {
    line_ +=
        static_cast<uint32_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(start_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
    start_ = at_;
  }
  bool Emit(Kind kind) {
    tokens_.push_back({.kind = kind,
                       .text = text_.substr(start_, at_ - start_),
                       .position = static_cast<uint32_t>(start_),
                       .line = line_});
    Ignore();
    return kind != Kind::kEof;
  }
  bool Fail(std::string cause) {
    error_ = std::move(cause);
    tokens_.push_back({.kind = Kind::kError,
                       .text = error_,
                       .position = static_cast<uint32_t>(start_),
                       .line = line_});
    return false;
  }

  bool Outside();
  bool Comment();
  bool Inside();
  bool RightDelim(bool trims);
  bool Space();
  bool Quoted(char quote, Kind kind, std::string_view what);
  bool Raw();
  bool Word();
  bool Name(Kind kind, Kind alone);
  bool Number();

  std::string_view text_;
  std::string& error_;
  std::vector<TemplateToken> tokens_;
  size_t at_ = 0;
  size_t start_ = 0;   // Of the token under way.
  uint32_t line_ = 1;  // At start_.
  int parens_ = 0;
  bool in_action_ = false;
};

// Text up to the next action, and its delimiter.
bool Lexer::Outside() {
  const size_t open = text_.find(kLeft, at_);
  if (open == std::string_view::npos) {
    at_ = text_.size();
    if (at_ > start_) {
      Emit(Kind::kText);
    }
    return Emit(Kind::kEof);
  }
  const std::string_view behind = text_.substr(open + kLeft.size());
  const bool trims =
      behind.size() >= 2 && behind[0] == '-' && IsBlank(static_cast<unsigned char>(behind[1]));
  at_ = open;
  if (trims) {
    const size_t last = text_.substr(start_, open - start_).find_last_not_of(kBlanks);
    at_ = last == std::string_view::npos ? start_ : start_ + last + 1;
  }
  if (at_ > start_) {
    Emit(Kind::kText);
  }
  at_ = open;
  Ignore();
  at_ += kLeft.size();
  const size_t marker = trims ? 2 : 0;
  if (text_.substr(at_ + marker).starts_with("/*")) {
    at_ += marker;
    return Comment();
  }
  Emit(Kind::kLeftDelim);
  at_ += marker;
  Ignore();
  in_action_ = true;
  parens_ = 0;
  return true;
}

bool Lexer::Comment() {
  Ignore();
  const size_t end = text_.find("*/", at_ + 2);
  if (end == std::string_view::npos) {
    return Fail("unclosed comment");
  }
  at_ = end + 2;
  bool trims = false;
  if (!AtRightDelim(trims)) {
    return Fail("comment ends before closing delimiter");
  }
  at_ += trims ? 4 : 2;
  if (trims) {
    AcceptRun(kBlanks);
  }
  Ignore();
  return true;
}

bool Lexer::RightDelim(bool trims) {
  at_ += trims ? 2 : 0;
  Ignore();
  at_ += kRight.size();
  Emit(Kind::kRightDelim);
  if (trims) {
    AcceptRun(kBlanks);
    Ignore();
  }
  in_action_ = false;
  return true;
}

bool Lexer::Inside() {
  bool trims = false;
  if (AtRightDelim(trims)) {
    return parens_ == 0 ? RightDelim(trims) : Fail("unclosed left paren");
  }
  if (AtEnd()) {
    return Fail("unclosed action");
  }
  const Rune rune = Peek();
  if (IsBlank(rune.value)) {
    return Space();
  }
  const bool digit = rune.value >= '0' && rune.value <= '9';
  if (digit || rune.value == '+' || rune.value == '-') {
    return Number();
  }
  if (IsNameRune(rune.value)) {
    return Word();
  }
  at_ += rune.length;
  switch (rune.value) {
    case '=':
      return Emit(Kind::kAssign);
    case ':':
      return Accept("=") ? Emit(Kind::kDeclare) : Fail("expected :=");
    case '|':
      return Emit(Kind::kPipe);
    case '"':
      return Quoted('"', Kind::kString, "unterminated quoted string");
    case '`':
      return Raw();
    case '\'':
      return Quoted('\'', Kind::kCharConstant, "unterminated character constant");
    case '$':
      return Name(Kind::kVariable, Kind::kVariable);
    case '.':
      // Compat: a dot that nothing follows is read as a number that lacks its digits.
      if (AtEnd() || (text_[at_] >= '0' && text_[at_] <= '9')) {
        --at_;
        return Number();
      }
      return Name(Kind::kField, Kind::kDot);
    case '(':
      ++parens_;
      return Emit(Kind::kLeftParen);
    case ')':
      return --parens_ < 0 ? Fail("unexpected right paren") : Emit(Kind::kRightParen);
    default:
      break;
  }
  return rune.value < 0x80 && IsPrintable(rune.value)
             ? Emit(Kind::kChar)
             : Fail("unrecognized character in action: " + RuneName(rune.value));
}

// The last blank may belong to a trimming delimiter.
bool Lexer::Space() {
  AcceptRun(kBlanks);
  bool trims = false;
  --at_;
  if (AtRightDelim(trims) && trims) {
    return at_ == start_ ? RightDelim(true) : Emit(Kind::kSpace);
  }
  ++at_;
  return Emit(Kind::kSpace);
}

bool Lexer::Quoted(char quote, Kind kind, std::string_view what) {
  while (!AtEnd() && text_[at_] != quote && text_[at_] != '\n') {
    at_ += text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n' ? 2 : 1;
  }
  if (AtEnd() || text_[at_] == '\n') {
    return Fail(std::string(what));
  }
  ++at_;
  return Emit(kind);
}

bool Lexer::Raw() {
  const size_t end = text_.find('`', at_);
  if (end == std::string_view::npos) {
    return Fail("unterminated raw quoted string");
  }
  at_ = end + 1;
  return Emit(Kind::kRawString);
}

bool Lexer::Word() {
  while (!AtEnd() && IsNameRune(Peek().value)) {
    at_ += Peek().length;
  }
  if (!AtTerminator()) {
    return Fail("bad character " + RuneName(Peek().value));
  }
  const std::string_view word = text_.substr(start_, at_ - start_);
  const auto* known = std::find_if(std::begin(kWords), std::end(kWords),
                                   [&](const auto& entry) { return entry.first == word; });
  return Emit(known == std::end(kWords) ? Kind::kIdentifier : known->second);
}

// What follows a dot or a dollar sign; `alone` if nothing does.
bool Lexer::Name(Kind kind, Kind alone) {
  if (AtTerminator()) {
    return Emit(alone);
  }
  while (!AtEnd() && IsNameRune(Peek().value)) {
    at_ += Peek().length;
  }
  return AtTerminator() ? Emit(kind) : Fail("bad character " + RuneName(Peek().value));
}

// What may be a number; its parts are checked when it is read.
bool Lexer::Number() {
  Accept("+-");
  std::string_view digits = "0123456789_";
  std::string_view exponent = "eE";
  if (Accept("0")) {
    if (Accept("xX")) {
      digits = "0123456789abcdefABCDEF_";
      exponent = "pP";
    } else if (Accept("oO")) {
      digits = "01234567_";
      exponent = "";
    } else if (Accept("bB")) {
      digits = "01_";
      exponent = "";
    }
  }
  AcceptRun(digits);
  if (Accept(".")) {
    AcceptRun(digits);
  }
  if (Accept(exponent)) {
    Accept("+-");
    AcceptRun("0123456789_");
  }
  if (!AtEnd() && IsNameRune(Peek().value)) {
    at_ += Peek().length;
    return Fail("bad number syntax: " + GoQuote(text_.substr(start_, at_ - start_)));
  }
  return Emit(Kind::kNumber);
}

}  // namespace

std::vector<TemplateToken> LexTemplate(std::string_view text, std::string& error) {
  return Lexer(text, error).Run();
}

}  // namespace skald::logql
