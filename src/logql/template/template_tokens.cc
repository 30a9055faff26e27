#include "logql/template/template_tokens.h"

#include <algorithm>
#include <utility>

#include "common/quote.h"
#include "common/utf8.h"

namespace skald::logql {
namespace {

using Kind = TemplateToken::Kind;

// As errors show it: long ones are cut.
std::string Shown(const TemplateToken& token) {
  constexpr size_t kMaxRunes = 10;
  if (token.kind == Kind::kEof) {
    return "EOF";
  }
  if (token.kind > Kind::kDot) {
    return "<" + std::string(token.text) + ">";
  }
  if (token.text.size() <= kMaxRunes) {
    return GoQuote(token.text);
  }
  size_t end = 0;
  for (size_t runes = 0; runes < kMaxRunes && end < token.text.size(); ++runes) {
    end += DecodeRune(token.text.substr(end)).length;
  }
  return GoQuote(token.text.substr(0, end)) + "...";
}

}  // namespace

TemplateTokens::TemplateTokens(std::string name, std::string_view text)
    : name_(std::move(name)), tokens_(LexTemplate(text, lexer_error_)) {}

// Behind an error there is nothing more.
const TemplateToken& TemplateTokens::Peek() {
  static const TemplateToken eof;
  if (next_ >= tokens_.size()) {
    return tokens_.back().kind == Kind::kEof ? tokens_.back() : eof;
  }
  furthest_ = std::max(furthest_, next_);
  return tokens_[next_];
}

const TemplateToken& TemplateTokens::Next() {
  const TemplateToken& token = Peek();
  ++next_;
  return token;
}

const TemplateToken& TemplateTokens::PeekNonSpace() {
  while (Peek().kind == Kind::kSpace) {
    ++next_;
  }
  return Peek();
}

const TemplateToken& TemplateTokens::NextNonSpace() {
  PeekNonSpace();
  return Next();
}

Status TemplateTokens::Fail(const std::string& cause) const {
  return InvalidArgument("template: " + name_ + ":" + std::to_string(tokens_[furthest_].line) +
                         ": " + cause);
}

Status TemplateTokens::Unexpected(const TemplateToken& token, std::string_view context) const {
  if (token.kind != Kind::kError) {
    return Fail("unexpected " + Shown(token) + " in " + std::string(context));
  }
  std::string cause(token.text);
  if (action_line_ != 0 && action_line_ != token.line) {
    cause += cause.ends_with(" action") ? "" : " in action";
    cause += " started at " + name_ + ":" + std::to_string(action_line_);
  }
  return Fail(cause);
}

Status TemplateTokens::Expect(Kind kind, std::string_view context) {
  const TemplateToken& token = NextNonSpace();
  return token.kind == kind ? Status() : Unexpected(token, context);
}

}  // namespace skald::logql
