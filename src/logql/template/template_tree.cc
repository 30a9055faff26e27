#include "logql/template/template_tree.h"

#include <string_view>

#include "common/quote.h"

namespace skald::logql {
namespace {

using Type = TemplateNodeType;

void AppendOperand(std::string& out, const TemplateNode& node) {
  const bool parens = node.type == Type::kPipeline;
  out.append(parens ? "(" : "");
  out += PrintNode(node);
  out.append(parens ? ")" : "");
}

void AppendPipeline(std::string& out, const TemplateNode& node) {
  for (size_t v = 0; v < node.variables.size(); ++v) {
    out.append(v == 0 ? "" : ", ");
    out += node.variables[v];
  }
  if (!node.variables.empty()) {
    out += node.assigns ? " = " : " := ";
  }
  for (size_t c = 0; c < node.children.size(); ++c) {
    out.append(c == 0 ? "" : " | ");
    out += PrintNode(*node.children[c]);
  }
}

}  // namespace

std::string PrintNode(const TemplateNode& node) {
  std::string out;
  switch (node.type) {
    case Type::kDot:
      return ".";
    case Type::kNil:
      return "nil";
    case Type::kChain:
      AppendOperand(out, *node.children[0]);
      break;
    case Type::kPipeline:
      AppendPipeline(out, node);
      return out;
    case Type::kCommand:
      for (size_t c = 0; c < node.children.size(); ++c) {
        out.append(c == 0 ? "" : " ");
        AppendOperand(out, *node.children[c]);
      }
      return out;
    case Type::kAction:
      return "{{" + PrintNode(*node.children[0]) + "}}";
    case Type::kTemplate:
      out = "{{template " + GoQuote(node.text);
      out += node.children.empty() ? "" : " " + PrintNode(*node.children[0]);
      return out + "}}";
    default:
      out = node.text;
  }
  for (const std::string& ident : node.idents) {
    out += "." + ident;
  }
  return out;
}

}  // namespace skald::logql
