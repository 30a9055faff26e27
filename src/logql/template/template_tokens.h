#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "logql/template/template_lexer.h"

namespace skald::logql {

// The tokens of a template under way, and errors about them in Go's words.
//
// Ownership: views `text`, which must outlive it.
// Threads:   not synchronised.
class TemplateTokens {
 public:
  // `name` is what errors call the template.
  TemplateTokens(std::string name, std::string_view text);
  TemplateTokens(const TemplateTokens&) = delete;
  TemplateTokens& operator=(const TemplateTokens&) = delete;

  const TemplateToken& Next();
  const TemplateToken& Peek();
  // Blanks between are passed over; they stay so after PeekNonSpace.
  const TemplateToken& NextNonSpace();
  const TemplateToken& PeekNonSpace();

  // Where to Return to.
  size_t place() const { return next_; }
  void Return(size_t place) { next_ = place; }

  // Notes that an action begins in `line`: errors about its end tell.
  void BeginAction(uint32_t line) { action_line_ = line; }
  void EndAction() { action_line_ = 0; }

  // kInvalidArgument `template: name:1: cause`.
  Status Fail(const std::string& cause) const;
  Status Unexpected(const TemplateToken& token, std::string_view context) const;
  // Takes a token of this kind.
  Status Expect(TemplateToken::Kind kind, std::string_view context);

 private:
  const std::string name_;
  std::string lexer_error_;
  const std::vector<TemplateToken> tokens_;
  size_t next_ = 0;
  size_t furthest_ = 0;  // The last token looked at: errors name its line.
  uint32_t action_line_ = 0;
};

}  // namespace skald::logql
