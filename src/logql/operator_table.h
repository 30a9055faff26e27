#pragma once

#include <string_view>

#include "logql/ast.h"
#include "logql/token.h"

namespace skald::logql {

struct OperatorRule {
  TokenKind token;
  BinaryOp op;
  int level;  // Higher binds tighter.
};

// The rule of a binary operator; null if the token is none, or ^, which binds tightest of all and
// to the right.
const OperatorRule* FindOperator(TokenKind kind);

// The operation of this name. Requires: the lexer has taken it for one.
RangeOp RangeOpOf(std::string_view name);
VectorOp VectorOpOf(std::string_view name);

}  // namespace skald::logql
