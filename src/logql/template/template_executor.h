#pragma once

#include <string>
#include <string_view>

#include "logql/template/template.h"
#include "logql/template/template_evaluator.h"

namespace skald::logql {

// Runs templates on rows, as Go's text/template does. Output, work, memory and depth are bounded:
// a template that goes past is an error of its row.
//
// Threads: not synchronised. Keeps its memory from run to run.
class TemplateExecutor {
 public:
  // Appends the output to `out`. False after an error, with its text in error(); `out` may then
  // hold a part.
  bool Run(const Template& text, const TemplateInput& input, std::string& out);
  // The same for what {{define "name"}} has defined in it, as {{template "name" dot}} would.
  bool RunDefinition(const Template& text, std::string_view name, const TemplateValue& dot,
                     const TemplateInput& input, std::string& out);

  const std::string& error() const { return evaluator_.error(); }

 private:
  // How a list of statements ended.
  enum class Flow { kOn, kBreak, kContinue, kError };

  void Begin(const Template& text, const TemplateInput& input, std::string& out);
  Flow RunNodes(const TemplateNodes& nodes, const TemplateValue& dot);
  Flow RunNode(const TemplateNode& node, const TemplateValue& dot);
  Flow RunAction(const TemplateNode& node, const TemplateValue& dot);
  Flow RunBranch(const TemplateNode& node, const TemplateValue& dot);
  Flow RunRange(const TemplateNode& node, const TemplateValue& dot);
  Flow RunItems(const TemplateNode& node, const TemplateValue& over, size_t count);
  Flow RunItem(const TemplateNode& node, const TemplateValue& key, const TemplateValue& item);
  Flow RunTemplate(const TemplateNode& node, const TemplateValue& dot);

  const Template* template_ = nullptr;
  std::string* out_ = nullptr;
  TemplateEvaluator evaluator_;
  int depth_ = 0;
};

}  // namespace skald::logql
