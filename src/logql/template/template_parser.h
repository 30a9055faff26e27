#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/status.h"
#include "logql/template/pipeline_parser.h"
#include "logql/template/template.h"
#include "logql/template/template_tokens.h"

namespace skald::logql {

// Parses the statements of a template: texts, actions, blocks and definitions.
//
// Order:     one call of Parse.
// Ownership: borrows text and parts.
// Threads:   not synchronised.
class TemplateParser {
 public:
  TemplateParser(const std::string& name, std::string_view text, TemplateParts& parts)
      : in_(name, text), parts_(parts), pipelines_(in_, parts) {}

  // kInvalidArgument with Go's words.
  Status Parse();

 private:
  using Node = std::unique_ptr<TemplateNode>;
  // What ended a list of statements, or a statement that is one of these ends.
  enum class Stop { kNone, kEnd, kElse };

  Status ParseList(TemplateNodes& out, Stop& stop);
  Status ParseStatement(TemplateNodes& out, Stop& stop);
  Status ParseAction(TemplateNodes& out, Stop& stop);
  Status ParseBranch(const TemplateToken& word, TemplateNodes& out);
  Status ParseBranchBody(TemplateNode& node);
  Status ParseElse(TemplateNode& node);
  Status ParseLoopExit(const TemplateToken& word, TemplateNodes& out);
  Status ParseCall(TemplateNodes& out);
  Status ParseBlock(TemplateNodes& out);
  Status ParseDefinition();
  Status ParseName(const TemplateToken& token, std::string_view context, std::string& name);
  Status ParseDefinedBody(const std::string& name, std::string_view context);

  TemplateTokens in_;
  TemplateParts& parts_;
  PipelineParser pipelines_;
  int range_depth_ = 0;
};

}  // namespace skald::logql
