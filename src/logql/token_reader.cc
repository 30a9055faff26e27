#include "logql/token_reader.h"

#include <utility>

#include "logql/parse_error.h"

namespace skald::logql {

bool TokenReader::Accept(TokenKind kind) {
  if (!At(kind)) return false;
  Advance();
  return true;
}

Status TokenReader::Expect(TokenKind kind) {
  if (!Accept(kind)) return Unexpected({kind});
  return Status();
}

Result<std::string> TokenReader::ExpectText(TokenKind kind) {
  if (!At(kind)) return Unexpected({kind});
  std::string text = std::move(current_.text);
  Advance();
  return text;
}

Status TokenReader::Unexpected(std::initializer_list<TokenKind> expecting) const {
  if (At(TokenKind::kError)) {
    return ParseErrorAt(current_.line, current_.column, current_.text);
  }
  std::string message = "syntax error: unexpected " + TokenName(current_);
  std::string_view separator = ", expecting ";
  for (const TokenKind kind : expecting) {
    message += separator;
    message += TokenKindName(kind);
    separator = " or ";
  }
  return ParseErrorAt(current_.line, current_.column, message);
}

Status TokenReader::UnexpectedAs(TokenKind kind) const {
  return ParseErrorAt(current_.line, current_.column,
                      "syntax error: unexpected " + std::string(TokenKindName(kind)));
}

}  // namespace skald::logql
