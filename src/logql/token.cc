#include "logql/token.h"

#include <algorithm>
#include <array>

#include "common/ascii.h"

namespace skald::logql {
namespace {

// Sorted by text.
constexpr std::array kWords = {
    Spelling{"absent_over_time", TokenKind::kRangeOp},
    Spelling{"and", TokenKind::kAnd},
    Spelling{"approx_topk", TokenKind::kVectorOp},
    Spelling{"avg", TokenKind::kVectorOp},
    Spelling{"avg_over_time", TokenKind::kRangeOp},
    Spelling{"bool", TokenKind::kBool},
    Spelling{"bottomk", TokenKind::kVectorOp},
    Spelling{"by", TokenKind::kBy},
    Spelling{"bytes", TokenKind::kBytesConversion},
    Spelling{"bytes_over_time", TokenKind::kRangeOp},
    Spelling{"bytes_rate", TokenKind::kRangeOp},
    Spelling{"count", TokenKind::kVectorOp},
    Spelling{"count_distinct_over_time", TokenKind::kRangeOp},
    Spelling{"count_over_time", TokenKind::kRangeOp},
    Spelling{"decolorize", TokenKind::kDecolorize},
    Spelling{"drop", TokenKind::kDrop},
    Spelling{"duration", TokenKind::kDurationConversion},
    Spelling{"duration_seconds", TokenKind::kDurationSecondsConversion},
    Spelling{"first_over_time", TokenKind::kRangeOp},
    Spelling{"group_left", TokenKind::kGroupLeft},
    Spelling{"group_right", TokenKind::kGroupRight},
    Spelling{"ignoring", TokenKind::kIgnoring},
    Spelling{"ip", TokenKind::kIp},
    Spelling{"json", TokenKind::kJson},
    Spelling{"keep", TokenKind::kKeep},
    Spelling{"label_format", TokenKind::kLabelFormat},
    Spelling{"label_replace", TokenKind::kLabelReplace},
    Spelling{"last_over_time", TokenKind::kRangeOp},
    Spelling{"line_format", TokenKind::kLineFormat},
    Spelling{"logfmt", TokenKind::kLogfmt},
    Spelling{"max", TokenKind::kVectorOp},
    Spelling{"max_over_time", TokenKind::kRangeOp},
    Spelling{"min", TokenKind::kVectorOp},
    Spelling{"min_over_time", TokenKind::kRangeOp},
    Spelling{"offset", TokenKind::kOffset},
    Spelling{"on", TokenKind::kOn},
    Spelling{"or", TokenKind::kOr},
    Spelling{"pattern", TokenKind::kPattern},
    Spelling{"quantile_over_time", TokenKind::kRangeOp},
    Spelling{"rate", TokenKind::kRangeOp},
    Spelling{"rate_counter", TokenKind::kRangeOp},
    Spelling{"regexp", TokenKind::kRegexp},
    Spelling{"sort", TokenKind::kVectorOp},
    Spelling{"sort_desc", TokenKind::kVectorOp},
    Spelling{"stddev", TokenKind::kVectorOp},
    Spelling{"stddev_over_time", TokenKind::kRangeOp},
    Spelling{"stdvar", TokenKind::kVectorOp},
    Spelling{"stdvar_over_time", TokenKind::kRangeOp},
    Spelling{"sum", TokenKind::kVectorOp},
    Spelling{"sum_over_time", TokenKind::kRangeOp},
    Spelling{"topk", TokenKind::kVectorOp},
    Spelling{"unless", TokenKind::kUnless},
    Spelling{"unpack", TokenKind::kUnpack},
    Spelling{"unwrap", TokenKind::kUnwrap},
    Spelling{"vector", TokenKind::kVector},
    Spelling{"without", TokenKind::kWithout},
};

constexpr std::array kOperators = {
    Spelling{"=~", TokenKind::kRegexMatch},  Spelling{"!~", TokenKind::kNotRegex},
    Spelling{"!=", TokenKind::kNotEqual},    Spelling{"==", TokenKind::kCompareEqual},
    Spelling{"|~", TokenKind::kPipeRegex},   Spelling{"|=", TokenKind::kPipeExact},
    Spelling{"|>", TokenKind::kPipePattern}, Spelling{"!>", TokenKind::kNotPattern},
    Spelling{"<=", TokenKind::kLessEqual},   Spelling{">=", TokenKind::kGreaterEqual},
    Spelling{"=", TokenKind::kEqual},        Spelling{"{", TokenKind::kOpenBrace},
    Spelling{"}", TokenKind::kCloseBrace},   Spelling{"]", TokenKind::kCloseBracket},
    Spelling{",", TokenKind::kComma},        Spelling{".", TokenKind::kDot},
    Spelling{"|", TokenKind::kPipe},         Spelling{"(", TokenKind::kOpenParen},
    Spelling{")", TokenKind::kCloseParen},   Spelling{"<", TokenKind::kLess},
    Spelling{">", TokenKind::kGreater},      Spelling{"+", TokenKind::kAdd},
    Spelling{"-", TokenKind::kSub},          Spelling{"*", TokenKind::kMul},
    Spelling{"/", TokenKind::kDiv},          Spelling{"%", TokenKind::kMod},
    Spelling{"^", TokenKind::kPow},
};

static_assert(std::ranges::is_sorted(kWords, {}, &Spelling::text));

}  // namespace

std::span<const Spelling> OperatorSpellings() { return kOperators; }

std::optional<TokenKind> WordKind(std::string_view lower_case) {
  const auto it = std::ranges::lower_bound(kWords, lower_case, {}, &Spelling::text);
  if (it == kWords.end() || it->text != lower_case) return std::nullopt;
  return it->kind;
}

std::string_view TokenKindName(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEnd:
      return "$end";
    case TokenKind::kError:
    case TokenKind::kUnknown:  // Compat: the reference takes stray characters for identifiers.
    case TokenKind::kIdentifier:
      return "IDENTIFIER";
    case TokenKind::kBytes:
      return "BYTES";
    case TokenKind::kString:
      return "STRING";
    case TokenKind::kNumber:
      return "NUMBER";
    case TokenKind::kStrictFlag:
    case TokenKind::kKeepEmptyFlag:
      return "PARSER_FLAG";
    case TokenKind::kDuration:
      return "DURATION";
    case TokenKind::kRange:
      return "RANGE";
    case TokenKind::kBytesConversion:
      return "BYTES_CONV";
    case TokenKind::kDurationConversion:
      return "DURATION_CONV";
    case TokenKind::kDurationSecondsConversion:
      return "DURATION_SECONDS_CONV";
    case TokenKind::kLabelReplace:
      return "LABEL_REPLACE";
    case TokenKind::kVector:
      return "VECTOR";
    default:
      break;
  }
  for (const Spelling& op : kOperators) {
    if (op.kind == kind) return op.text;
  }
  for (const Spelling& word : kWords) {
    if (word.kind == kind) return word.text;
  }
  return "";
}

std::string TokenName(const Token& token) {
  if (token.kind != TokenKind::kRangeOp && token.kind != TokenKind::kVectorOp) {
    return std::string(TokenKindName(token.kind));
  }
  return UpperCase(token.text);
}

}  // namespace skald::logql
