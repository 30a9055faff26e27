#pragma once

#include <cstddef>
#include <string_view>

#include "logql/token.h"

namespace skald::logql {

// Cuts a query into tokens. Blanks and comments (# to the end of the line) separate them.
//
// Order:     after kEnd or kError every further Next returns the same again.
// Ownership: borrows the text.
// Threads:   not synchronised.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token Next();

 private:
  void SkipBlanks();
  // Moves to `end`, counting lines and characters.
  void MoveTo(size_t end);
  bool StartsWith(std::string_view prefix) const { return text_.substr(pos_).starts_with(prefix); }
  bool IsCall(size_t from) const;

  Token ReadString(Token token);
  Token ReadNumber(Token token, std::string_view sign);
  Token ReadWord(Token token);
  Token ReadRange(Token token);
  Token ReadMinus(Token token);
  Token ReadOperator(Token token);
  Token Finish(Token token, TokenKind kind, size_t end);
  Token Fail(Token token, std::string_view message);

  std::string_view text_;
  size_t pos_ = 0;
  int line_ = 1;
  int column_ = 1;
};

}  // namespace skald::logql
