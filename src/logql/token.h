#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skald::logql {

enum class TokenKind : uint8_t {
  kEnd,
  kError,    // No token can be read here; text says why.
  kUnknown,  // A character that begins no token.

  kBytes,
  kIdentifier,
  kString,
  kNumber,
  kStrictFlag,     // --strict
  kKeepEmptyFlag,  // --keep-empty
  kDuration,
  kRange,  // [5m]

  kEqual,       // =
  kRegexMatch,  // =~
  kNotRegex,    // !~
  kNotEqual,    // !=
  kOpenBrace,
  kCloseBrace,
  kCloseBracket,
  kComma,
  kDot,
  kPipeRegex,    // |~
  kPipeExact,    // |=
  kPipePattern,  // |>
  kNotPattern,   // !>
  kPipe,
  kOpenParen,
  kCloseParen,
  kCompareEqual,  // ==
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMod,
  kPow,

  // Words that are reserved everywhere.
  kAnd,
  kBool,
  kBy,
  kDecolorize,
  kDrop,
  kGroupLeft,
  kGroupRight,
  kIgnoring,
  kJson,
  kKeep,
  kLabelFormat,
  kLineFormat,
  kLogfmt,
  kOffset,
  kOn,
  kOr,
  kPattern,
  kRegexp,
  kUnless,
  kUnpack,
  kUnwrap,
  kWithout,

  // Names that are functions only before `(`, `by (` or `without (`.
  kBytesConversion,
  kDurationConversion,
  kDurationSecondsConversion,
  kIp,
  kLabelReplace,
  kRangeOp,  // text: the operation's name in lower case.
  kVector,
  kVectorOp,  // As kRangeOp.
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  // Identifiers and numbers as written, strings unquoted, operations in lower case, errors.
  std::string text;
  int64_t nanoseconds = 0;  // kDuration, kRange.
  uint64_t bytes = 0;       // kBytes.
  // Where the token begins, in lines and characters from 1. Compat: the line is 0 for tokens that
  // the reference puts together from several characters, since it loses the line on the way;
  // both are 0 at the end of an empty query.
  int line = 0;
  int column = 0;
};

// What is written for a token.
struct Spelling {
  std::string_view text;
  TokenKind kind;
};

// Punctuation and operators, two characters before one: the first that fits is the longest.
std::span<const Spelling> OperatorSpellings();

// The kind of a reserved word or function name.
std::optional<TokenKind> WordKind(std::string_view lower_case);

// As error messages name tokens: `}`, `by`, `IDENTIFIER`; and one whose kind is an operation,
// `COUNT_OVER_TIME`.
std::string_view TokenKindName(TokenKind kind);
std::string TokenName(const Token& token);

}  // namespace skald::logql
