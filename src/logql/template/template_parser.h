#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "logql/template/template.h"

namespace skald::logql {

// Parses a template's text, character by character.
//
// Order: one call of Parse.
class TemplateParser {
 public:
  explicit TemplateParser(Template& result) : result_(result), text_(result.text_) {}

  Status Parse();

 private:
  using Node = std::unique_ptr<TemplateNode>;
  // How a list of statements ended.
  enum class Stop { kEof, kEnd, kElse };

  Status ParseList(TemplateNodes& out, Stop& stop);
  Status ParseStatement(TemplateNodes& out, Stop& stop, bool& stopped);
  Status ParseBlock(TemplateNodeType type, uint32_t position, TemplateNodes& out);
  Status ParseElse(TemplateNode& node);
  Status ParseDefinition();
  Status ParseTemplateCall(uint32_t position, TemplateNodes& out);
  Status ParsePipeline(std::string_view context, bool in_parens, Node& out);
  Status ParseDeclaration(TemplateNode& pipeline);
  Status ParseCommand(std::string_view context, bool in_parens, Node& out);
  Status ParseOperand(Node& out);
  Status ParseString(std::string& value, std::string& source);
  Status ParseNumber(TemplateNode& node);
  void ParseChain(TemplateNode& node);

  void ReadText(TemplateNodes& out);
  bool SkipComment(Status& status);
  void SkipBlank();
  bool AtActionEnd() const;
  Status CloseAction();
  std::string ReadName();
  Node NewNode(TemplateNodeType type) const;
  uint32_t FieldIndex(const std::string& name);
  Status Fail(const std::string& cause) const;

  Template& result_;
  const std::string_view text_;
  size_t at_ = 0;
  bool trim_next_ = false;
  int range_depth_ = 0;
  int depth_ = 0;
  std::vector<std::string> variables_{"$"};
};

}  // namespace skald::logql
