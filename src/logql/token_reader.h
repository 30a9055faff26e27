#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "common/status.h"
#include "logql/lexer.h"
#include "logql/token.h"

namespace skald::logql {

// The tokens of a query, one at a time, with the errors that a parser raises about them.
//
// Ownership: borrows the text.
// Threads:   not synchronised.
class TokenReader {
 public:
  explicit TokenReader(std::string_view text) : lexer_(text), current_(lexer_.Next()) {}

  const Token& current() const { return current_; }
  TokenKind kind() const { return current_.kind; }
  bool At(TokenKind kind) const { return current_.kind == kind; }
  void Advance() { current_ = lexer_.Next(); }
  // The token behind the current one.
  Token Peek() const { return Lexer(lexer_).Next(); }

  // Moves on if the current token is of that kind.
  bool Accept(TokenKind kind);
  // Moves on, or Unexpected({kind}).
  Status Expect(TokenKind kind);
  // The text of the current token, moving on; or Unexpected({kind}).
  Result<std::string> ExpectText(TokenKind kind);

  // `syntax error: unexpected <current>, expecting <a> or <b>`, at the current token. Compat: the
  // list is there only where four kinds or fewer fit, in the order of TokenKind; callers leave it
  // out elsewhere. If the current token is kError, its own message.
  Status Unexpected(std::initializer_list<TokenKind> expecting = {}) const;
  // As Unexpected, with the current token taken for one of another kind.
  Status UnexpectedAs(TokenKind kind) const;

 private:
  Lexer lexer_;
  Token current_;
};

}  // namespace skald::logql
