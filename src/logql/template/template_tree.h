#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "logql/template/template_value.h"

namespace skald::logql {

struct TemplateFunction;

enum class TemplateNodeType : uint8_t {
  // Operands.
  kDot,
  kNil,
  kConstant,    // text: as written; value
  kField,       // idents: a b of .a.b
  kVariable,    // text: "$x"; idents: fields behind it
  kIdentifier,  // text: a function's name; function
  kChain,       // children[0]: another operand; idents: fields behind it
  // Parts of actions; a pipeline is an operand as well, in parentheses.
  kPipeline,  // variables, assigns; children: commands
  kCommand,   // children: operands
  // Statements.
  kText,    // text
  kAction,  // children[0]: the pipeline
  kIf,      // children[0]: the pipeline; body, otherwise
  kWith,    // likewise
  kRange,   // likewise
  kBreak,
  kContinue,
  kTemplate,  // text: the name; children: the pipeline, if there is one
};

// A node of a template's tree.
struct TemplateNode {
  TemplateNodeType type = TemplateNodeType::kText;
  uint32_t position = 0;  // In the template's text.
  std::string text;
  TemplateValue value;
  std::vector<std::string> idents;
  uint32_t field = 0;  // Of kField: index of idents[0] in the template's field names.
  const TemplateFunction* function = nullptr;
  std::vector<std::string> variables;
  bool assigns = false;  // `=` instead of `:=`.
  std::vector<std::unique_ptr<TemplateNode>> children;
  std::vector<std::unique_ptr<TemplateNode>> body;
  std::vector<std::unique_ptr<TemplateNode>> otherwise;
};
using TemplateNodes = std::vector<std::unique_ptr<TemplateNode>>;

// The node in canonical form, as errors show it: `printf "%d" (len .a)`.
std::string PrintNode(const TemplateNode& node);

}  // namespace skald::logql
