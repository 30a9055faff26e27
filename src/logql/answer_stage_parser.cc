#include "logql/answer_stage_parser.h"

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "logql/parse_error.h"

namespace skald::logql {
namespace {

// `word` in lower case; words of the language may be written in any.
bool IsWord(const Token& token, std::string_view word) {
  if (token.kind != TokenKind::kIdentifier || token.text.size() != word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = token.text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != word[i]) return false;
  }
  return true;
}

Result<Stage> ParseDistinct(TokenReader& in) {
  Distinct distinct;
  do {
    SKALD_ASSIGN_OR_RETURN(std::string field, in.ExpectText(TokenKind::kIdentifier));
    distinct.fields.push_back(std::move(field));
  } while (in.Accept(TokenKind::kComma));
  return Stage(std::move(distinct));
}

Result<Stage> ParseSort(TokenReader& in) {
  SortBy sort;
  SKALD_RETURN_IF_ERROR(in.Expect(TokenKind::kBy));
  SKALD_ASSIGN_OR_RETURN(sort.field, in.ExpectText(TokenKind::kIdentifier));
  sort.descending = IsWord(in.current(), "desc");
  if (sort.descending || IsWord(in.current(), "asc")) in.Advance();
  return Stage(std::move(sort));
}

Result<Stage> ParseLimit(TokenReader& in) {
  LimitEntries limit;
  SKALD_ASSIGN_OR_RETURN(const std::string text, in.ExpectText(TokenKind::kNumber));
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, limit.count);
  if (parsed.ec != std::errc() || parsed.ptr != end || limit.count == 0) {
    return ParseError("limit wants a whole number from 1 to 4294967295, not " + text);
  }
  return Stage(limit);
}

}  // namespace

bool AtAnswerStage(const TokenReader& in) {
  const Token& word = in.current();
  if (IsWord(word, "distinct")) return in.Peek().kind == TokenKind::kIdentifier;
  if (IsWord(word, "sort")) return in.Peek().kind == TokenKind::kBy;
  return IsWord(word, "limit") && in.Peek().kind == TokenKind::kNumber;
}

Result<Stage> ParseAnswerStage(TokenReader& in, Extensions extensions) {
  const bool distinct = IsWord(in.current(), "distinct");
  const bool sort = IsWord(in.current(), "sort");
  in.Advance();
  if (extensions == Extensions::kOff) {
    // Loki takes the word for a label, and stumbles over what is no comparison.
    return SwitchedOff(in.Unexpected(), distinct ? "| distinct" : sort ? "| sort by" : "| limit");
  }
  return distinct ? ParseDistinct(in) : sort ? ParseSort(in) : ParseLimit(in);
}

}  // namespace skald::logql
