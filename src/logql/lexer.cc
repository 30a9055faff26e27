#include "logql/lexer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "common/ascii.h"
#include "common/duration.h"
#include "common/unquote.h"
#include "common/utf8.h"

namespace skald::logql {
namespace {

bool IsFunction(TokenKind kind) { return kind >= TokenKind::kBytesConversion; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
// Letters of other scripts count as letters; whatever else is not ASCII is let pass with them.
bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsWordByte(char c) { return IsWordStart(c) || IsDigit(c); }

bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Underscores may stand between digits.
size_t SkipDigits(std::string_view text, size_t pos, bool (*is_digit)(char) = IsDigit) {
  while (pos < text.size() && (is_digit(text[pos]) || text[pos] == '_')) ++pos;
  return pos;
}

// The end of what stands from `pos` on: digits with a fraction, and an exponent after `letter`.
size_t EndOfFloat(std::string_view text, size_t pos, bool (*is_digit)(char), char letter) {
  pos = SkipDigits(text, pos, is_digit);
  if (pos < text.size() && text[pos] == '.') pos = SkipDigits(text, pos + 1, is_digit);
  if (pos < text.size() && (text[pos] | 0x20) == letter) {
    size_t digits = pos + 1;
    if (digits < text.size() && (text[digits] == '+' || text[digits] == '-')) ++digits;
    if (digits < text.size() && IsDigit(text[digits])) pos = SkipDigits(text, digits);
  }
  return pos;
}

// The end of the Go number that begins at `pos`: integer, decimal, exponent, or hexadecimal.
size_t EndOfNumber(std::string_view text, size_t pos) {
  const bool hex = text.substr(pos).starts_with("0x") || text.substr(pos).starts_with("0X");
  return hex ? EndOfFloat(text, pos + 2, IsHexDigit, 'p') : EndOfFloat(text, pos, IsDigit, 'e');
}

// Of a whole number that starts with a zero, as octal ones do: the first digit that cannot be one.
// npos if there is none.
size_t WrongOctalDigit(std::string_view number) {
  const bool whole = number.find_first_not_of("0123456789_") == std::string_view::npos;
  return number.starts_with('0') && whole ? number.find_first_of("89") : std::string_view::npos;
}

// The end of the run of units, digits and dots that makes a duration of a number. The micro sign
// and the Greek mu are two bytes each.
size_t EndOfDuration(std::string_view text, size_t pos) {
  while (pos < text.size()) {
    if (text.substr(pos).starts_with("\u00b5") || text.substr(pos).starts_with("\u03bc")) {
      pos += 2;
    } else if (std::string_view("numshdwy.0123456789").find(text[pos]) != std::string_view::npos) {
      ++pos;
    } else {
      break;
    }
  }
  return pos;
}

size_t EndOfByteUnit(std::string_view text, size_t pos) {
  while (pos < text.size() &&
         std::string_view("BikKMGTP").find(text[pos]) != std::string_view::npos) {
    ++pos;
  }
  return pos;
}

}  // namespace

Token Lexer::Next() {
  SkipBlanks();
  Token token;
  token.line = line_;
  token.column = column_;
  if (pos_ == text_.size()) {
    if (text_.empty()) token.line = token.column = 0;
    return token;
  }
  const char c = text_[pos_];
  const bool digit_next = pos_ + 1 < text_.size() && IsDigit(text_[pos_ + 1]);
  if (c == '"' || c == '`') return ReadString(std::move(token));
  if (IsDigit(c) || (c == '.' && digit_next)) return ReadNumber(std::move(token), "");
  if (IsWordStart(c)) return ReadWord(std::move(token));
  if (c == '[') return ReadRange(std::move(token));
  if (c == '-') return ReadMinus(std::move(token));
  if (c == '\'') return Fail(std::move(token), "invalid char literal");
  if (c == '\0') return Fail(std::move(token), "invalid character NUL");
  return ReadOperator(std::move(token));
}

void Lexer::SkipBlanks() {
  size_t end = pos_;
  while (end < text_.size()) {
    const std::string_view rest = text_.substr(end);
    if (rest.starts_with('#') || rest.starts_with("//")) {
      end = std::min(text_.find('\n', end), text_.size());
    } else if (rest.starts_with("/*") && rest.find("*/", 2) != std::string_view::npos) {
      end += rest.find("*/", 2) + 2;
    } else if (IsBlank(text_[end])) {
      ++end;
    } else {
      break;
    }
  }
  MoveTo(end);
}

void Lexer::MoveTo(size_t end) {
  for (; pos_ < end; ++pos_) {
    if (text_[pos_] == '\n') {
      ++line_;
      column_ = 1;
    } else if ((static_cast<unsigned char>(text_[pos_]) & 0xc0) != 0x80) {
      ++column_;
    }
  }
}

Token Lexer::Finish(Token token, TokenKind kind, size_t end) {
  token.kind = kind;
  MoveTo(end);
  return token;
}

Token Lexer::Fail(Token token, std::string_view message) {
  token.kind = TokenKind::kError;
  token.text = message;
  return token;
}

Token Lexer::ReadString(Token token) {
  const char quote = text_[pos_];
  size_t end = pos_ + 1;
  while (end < text_.size() && text_[end] != quote && (quote == '`' || text_[end] != '\n')) {
    end += quote == '"' && text_[end] == '\\' ? 2 : 1;
  }
  if (end >= text_.size() || text_[end] != quote) {
    return Fail(std::move(token), "literal not terminated");
  }
  const std::string_view literal = text_.substr(pos_, end + 1 - pos_);
  if (!IsValidUtf8(literal)) return Fail(std::move(token), "invalid UTF-8 encoding");
  Result<std::string> text = GoUnquote(literal);
  if (!text.ok()) return Fail(std::move(token), "invalid char escape");
  token.text = *std::move(text);
  return Finish(std::move(token), TokenKind::kString, end + 1);
}

// `sign`: what of the token was read already. A number alone is only right without one.
Token Lexer::ReadNumber(Token token, std::string_view sign) {
  const size_t begin = pos_;
  const size_t digits = begin + sign.size();
  const size_t end = EndOfNumber(text_, digits);
  const std::string_view number = text_.substr(digits, end - digits);
  if (const size_t wrong = WrongOctalDigit(number); wrong != std::string_view::npos) {
    return Fail(std::move(token),
                "invalid digit '" + std::string(1, number[wrong]) + "' in octal literal");
  }
  if (const size_t unit = EndOfDuration(text_, end); unit > end) {
    // A sign goes in front of the whole: ParseDuration's first form knows none.
    if (const auto d = ParseDuration(text_.substr(digits, unit - digits)); d.ok()) {
      token.nanoseconds = sign.empty() ? d->count() : -d->count();
      token.line = 0;
      return Finish(std::move(token), TokenKind::kDuration, unit);
    }
  }
  if (!sign.empty()) return Finish(std::move(token), TokenKind::kSub, begin + sign.size());
  if (const size_t unit = EndOfByteUnit(text_, end); unit > end) {
    if (const auto bytes = ParseHumanBytes(text_.substr(begin, unit - begin)); bytes.ok()) {
      token.bytes = *bytes;
      token.line = 0;
      return Finish(std::move(token), TokenKind::kBytes, unit);
    }
  }
  token.text = text_.substr(begin, end - begin);
  return Finish(std::move(token), TokenKind::kNumber, end);
}

// Whether what stands at `from` makes a function of the name before it.
bool Lexer::IsCall(size_t from) const {
  const auto skip_blanks = [this](size_t pos) {
    while (pos < text_.size() && IsBlank(text_[pos])) ++pos;
    return pos;
  };
  size_t pos = skip_blanks(from);
  if (pos < text_.size() && text_[pos] == '(') return true;
  size_t end = pos;
  while (end < text_.size() && IsWordByte(text_[end])) ++end;
  const std::string word = LowerCase(text_.substr(pos, std::min<size_t>(end - pos, 8)));
  if (word != "by" && word != "without") return false;
  pos = skip_blanks(end);
  return pos < text_.size() && text_[pos] == '(';
}

Token Lexer::ReadWord(Token token) {
  size_t end = pos_ + 1;
  while (end < text_.size() && IsWordByte(text_[end])) ++end;
  const std::string_view text = text_.substr(pos_, end - pos_);
  if (!IsValidUtf8(text)) return Fail(std::move(token), "invalid UTF-8 encoding");
  std::string lower = LowerCase(text);
  const std::optional<TokenKind> kind = WordKind(lower);
  if (!kind || (IsFunction(*kind) && !IsCall(end))) {
    token.text = text;
    return Finish(std::move(token), TokenKind::kIdentifier, end);
  }
  token.text = std::move(lower);
  return Finish(std::move(token), *kind, end);
}

Token Lexer::ReadRange(Token token) {
  token.line = 0;
  const size_t end = text_.find(']', pos_);
  if (end == std::string_view::npos) {
    return Fail(std::move(token), "missing closing ']' in duration");
  }
  const auto range = ParsePrometheusDuration(text_.substr(pos_ + 1, end - pos_ - 1));
  if (!range.ok()) return Fail(std::move(token), range.status().message());
  token.nanoseconds = range->count();
  return Finish(std::move(token), TokenKind::kRange, end + 1);
}

Token Lexer::ReadMinus(Token token) {
  constexpr std::array kFlags = {Spelling{"--strict", TokenKind::kStrictFlag},
                                 Spelling{"--keep-empty", TokenKind::kKeepEmptyFlag}};
  for (const Spelling& flag : kFlags) {
    const size_t end = pos_ + flag.text.size();
    if (StartsWith(flag.text) && (end == text_.size() || !IsWordByte(text_[end]))) {
      token.line = 0;
      return Finish(std::move(token), flag.kind, end);
    }
  }
  if (pos_ + 1 < text_.size() && (IsDigit(text_[pos_ + 1]) || text_[pos_ + 1] == '.')) {
    return ReadNumber(std::move(token), "-");
  }
  return Finish(std::move(token), TokenKind::kSub, pos_ + 1);
}

Token Lexer::ReadOperator(Token token) {
  for (const Spelling& op : OperatorSpellings()) {
    if (!StartsWith(op.text)) continue;
    if (op.text.size() > 1) token.line = 0;
    return Finish(std::move(token), op.kind, pos_ + op.text.size());
  }
  return Finish(std::move(token), TokenKind::kUnknown, pos_ + 1);
}

}  // namespace skald::logql
