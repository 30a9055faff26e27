#include "logql/stages/json_path.h"

#include <charconv>
#include <utility>

#include "common/unquote.h"

namespace skald::logql {
namespace {

enum class TokenKind { kEnd, kDot, kOpen, kClose, kField, kString, kIndex, kOther };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || IsDigit(c);
}

std::string_view NameOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEnd:
      return "$end";
    case TokenKind::kDot:
      return "DOT";
    case TokenKind::kOpen:
      return "LSB";
    case TokenKind::kClose:
      return "RSB";
    case TokenKind::kField:
      return "FIELD";
    case TokenKind::kString:
      return "STRING";
    case TokenKind::kIndex:
      return "INDEX";
    case TokenKind::kOther:
      return "character";
  }
  return "";
}

class PathParser {
 public:
  explicit PathParser(std::string_view text) : text_(text), rest_(text) { Advance(); }

  Result<JsonPath> Parse() {
    JsonPath path;
    if (token_.kind == TokenKind::kField) {
      path.push_back({.key = std::string(token_.text)});
      Advance();
    } else if (token_.kind != TokenKind::kOpen) {
      return Unexpected("FIELD or LSB");
    }
    while (token_.kind != TokenKind::kEnd) {
      SKALD_RETURN_IF_ERROR(ParseStep(path));
    }
    return path;
  }

 private:
  Status ParseStep(JsonPath& path) {
    if (token_.kind == TokenKind::kDot) {
      Advance();
      if (token_.kind != TokenKind::kField) {
        return Unexpected("FIELD");
      }
      path.push_back({.key = std::string(token_.text)});
      Advance();
      return Status();
    }
    if (token_.kind != TokenKind::kOpen) {
      return Unexpected("DOT or LSB");
    }
    Advance();
    SKALD_RETURN_IF_ERROR(ParseBracket(path));
    Advance();
    if (token_.kind != TokenKind::kClose) {
      return Unexpected("RSB");
    }
    Advance();
    return Status();
  }

  Status ParseBracket(JsonPath& path) {
    if (token_.kind == TokenKind::kString) {
      Result<std::string> key = GoUnquote(token_.text);
      if (!key.ok()) {
        return Fail(key.status().message());
      }
      path.push_back({.key = *std::move(key)});
      return Status();
    }
    size_t index = 0;
    const char* const end = token_.text.data() + token_.text.size();
    if (token_.kind != TokenKind::kIndex ||
        std::from_chars(token_.text.data(), end, index).ec != std::errc()) {
      return Unexpected("STRING or INDEX");
    }
    path.push_back({.is_index = true, .index = index});
    return Status();
  }

  void Advance() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) {
      rest_.remove_prefix(1);
    }
    size_t length = rest_.empty() ? 0 : 1;
    TokenKind kind = TokenKind::kEnd;
    if (!rest_.empty()) {
      const char c = rest_[0];
      kind = c == '.'        ? TokenKind::kDot
             : c == '['      ? TokenKind::kOpen
             : c == ']'      ? TokenKind::kClose
             : c == '"'      ? TokenKind::kString
             : IsDigit(c)    ? TokenKind::kIndex
             : IsNameByte(c) ? TokenKind::kField
                             : TokenKind::kOther;
      if (kind == TokenKind::kString) {
        length = StringLength();
      }
      while ((kind == TokenKind::kField || kind == TokenKind::kIndex) && length < rest_.size() &&
             (kind == TokenKind::kField ? IsNameByte(rest_[length]) : IsDigit(rest_[length]))) {
        ++length;
      }
    }
    token_ = {kind, rest_.substr(0, length)};
    rest_.remove_prefix(length);
  }

  // Of the string that rest_ begins with, quotes included.
  size_t StringLength() const {
    size_t i = 1;
    while (i < rest_.size() && rest_[i] != '"') {
      i += rest_[i] == '\\' ? 2 : 1;
    }
    return std::min(i + 1, rest_.size());
  }

  Status Unexpected(std::string_view expected) const {
    return Fail("syntax error: unexpected " + std::string(NameOf(token_.kind)) + ", expecting " +
                std::string(expected));
  }
  Status Fail(std::string_view cause) const {
    return InvalidArgument("cannot parse expression [" + std::string(text_) +
                           "]: " + std::string(cause));
  }

  const std::string_view text_;
  std::string_view rest_;
  Token token_;
};

}  // namespace

Result<JsonPath> ParseJsonPath(std::string_view text) { return PathParser(text).Parse(); }

}  // namespace skald::logql
