#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logql/template/template.h"
#include "logql/template/template_functions.h"

namespace skald::logql {

// Runs templates on rows, as Go's text/template does.
//
// Threads: not synchronised. Keeps its memory from run to run.
class TemplateExecutor {
 public:
  // Appends the output to `out`. False after an error, with its text in error(); `out` may then
  // hold a part.
  bool Run(const Template& text, const TemplateInput& input, std::string& out);

  const std::string& error() const { return error_; }

 private:
  // How a list of statements ended.
  enum class Flow { kOn, kBreak, kContinue, kError };
  using Variables = std::vector<std::pair<std::string_view, TemplateValue>>;

  Flow RunNodes(const TemplateNodes& nodes, const TemplateValue& dot);
  Flow RunNode(const TemplateNode& node, const TemplateValue& dot);
  Flow RunBranch(const TemplateNode& node, const TemplateValue& dot);
  Flow RunRange(const TemplateNode& node, const TemplateValue& dot);
  Flow RunRangeItem(const TemplateNode& node, const TemplateValue& key, const TemplateValue& item);
  Flow RunTemplate(const TemplateNode& node, const TemplateValue& dot);

  bool Pipeline(const TemplateNode& node, const TemplateValue& dot, TemplateValue& result);
  bool Command(const TemplateNode& node, const TemplateValue& dot, const TemplateValue* piped,
               TemplateValue& result);
  bool Operand(const TemplateNode& node, const TemplateValue& dot, TemplateValue& result);
  bool Call(const TemplateNode& command, const TemplateValue& dot, const TemplateValue* piped,
            TemplateValue& result);
  bool CallLogical(const TemplateNode& command, const TemplateValue& dot,
                   const TemplateValue* piped, TemplateValue& result);
  bool Argument(const TemplateNode& node, const TemplateValue& dot, TemplateType type,
                TemplateValue& result);
  bool CheckType(const TemplateNode& node, TemplateType type, const TemplateValue& value);
  bool Fields(const TemplateNode& node, size_t from, TemplateValue& value);
  bool Fail(const TemplateNode& node, const std::string& cause);

  const Template* template_ = nullptr;
  const TemplateInput* input_ = nullptr;
  std::string* out_ = nullptr;
  Variables variables_;
  TemplateHeap heap_;
  std::string error_;
  int depth_ = 0;
  size_t steps_ = 0;
};

}  // namespace skald::logql
