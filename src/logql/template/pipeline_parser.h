#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "logql/template/template.h"
#include "logql/template/template_tokens.h"

namespace skald::logql {

// Levels of blocks, parentheses and definitions that a template may nest: bounds the stack of
// whoever walks its tree.
inline constexpr int kMaxTemplateNesting = 200;

// Parses what stands in an action: commands joined by bars, with operands in parentheses.
//
// Ownership: borrows tokens and parts.
// Threads:   not synchronised.
class PipelineParser {
 public:
  using Node = std::unique_ptr<TemplateNode>;

  PipelineParser(TemplateTokens& tokens, TemplateParts& parts) : in_(tokens), parts_(parts) {}

  // Up to and including a token of kind `end`. `context` is what errors call the place.
  Status Parse(std::string_view context, TemplateToken::Kind end, Node& out);
  // The text of a string token.
  Status Unquote(const TemplateToken& token, std::string& value) const;

  // Variables in reach. Those declared since scope() are forgotten by Leave.
  size_t scope() const { return variables_.size(); }
  void Leave(size_t scope) { variables_.resize(scope); }
  // For the body of a definition, which sees none but `$`. Returns what to Restore behind it.
  std::vector<std::string> Isolate();
  void Restore(std::vector<std::string> variables) { variables_ = std::move(variables); }

  // Goes one level down. An error if there are too many.
  Status Enter();
  void Exit() { --depth_; }

 private:
  Status ParseDeclarations(std::string_view context, TemplateNode& pipeline);
  Status CheckCommands(std::string_view context, const TemplateNode& pipeline) const;
  Status ParseCommand(Node& out);
  Status ParseOperand(Node& out);
  Status ParseTerm(Node& out);
  Status ParseFields(Node& term);
  Status ParseString(const TemplateToken& token, TemplateNode& node);
  Status ParseNumber(const TemplateToken& token, TemplateNode& node) const;
  Status ParseCharacter(const TemplateToken& token, TemplateNode& node) const;
  uint32_t FieldIndex(std::string_view name);

  TemplateTokens& in_;
  TemplateParts& parts_;
  std::vector<std::string> variables_{"$"};
  int depth_ = 0;
};

}  // namespace skald::logql
