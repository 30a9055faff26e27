#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logql/template/template.h"
#include "logql/template/template_functions.h"

namespace skald::logql {

// Evaluates the pipelines of a template's run on a row, as Go's text/template does: the same
// order, so that errors name the same node.
//
// Order:     Begin opens a run.
// Ownership: borrows template and input during a run. Values of a run live until the next Begin.
// Threads:   not synchronised. Keeps its memory from run to run.
class TemplateEvaluator {
 public:
  using Variables = std::vector<std::pair<std::string_view, TemplateValue>>;

  void Begin(const Template& text, const TemplateInput& input);

  // Each is false after an error, with its text in error().
  bool Pipeline(const TemplateNode& node, const TemplateValue& dot, TemplateValue& result);
  bool Assign(std::string_view name, const TemplateValue& value);
  bool Fail(const std::string& cause);
  // Counts work; fails when a run does too much.
  bool Spend(size_t steps);

  // The node that errors name from now on.
  void At(const TemplateNode& node) { at_ = &node; }
  const std::string& error() const { return error_; }

  // Variables in reach; those pushed since scope() are forgotten by Leave.
  size_t scope() const { return variables_.size(); }
  void Leave(size_t scope) { variables_.resize(scope); }
  void Push(std::string_view name, const TemplateValue& value) {
    variables_.emplace_back(name, value);
  }
  // The value of the variable pushed `back` pushes ago; 1 is the last.
  TemplateValue& Pushed(size_t back) { return variables_[variables_.size() - back].second; }

  // What a called template sees, and the name by which errors call it.
  struct Frame {
    Variables variables;
    std::string_view name;
  };
  void ExchangeFrame(Frame& frame);

 private:
  // What an operand is applied to: itself as the first of `args`, and the result of the stage
  // before, if there is one.
  struct Applied {
    const TemplateNode* command = nullptr;  // Null: nothing at all.
    const TemplateValue* piped = nullptr;

    size_t written() const { return command == nullptr ? 0 : command->children.size() - 1; }
    bool has_arguments() const { return written() > 0 || piped != nullptr; }
  };

  bool Command(const TemplateNode& node, const TemplateValue& dot, const TemplateValue* piped,
               TemplateValue& result);
  bool Operand(const TemplateNode& node, const TemplateValue& dot, Applied applied,
               TemplateValue& result);
  bool FieldOfDot(const TemplateNode& node, const TemplateValue& dot, Applied applied,
                  TemplateValue& result);
  bool Variable(const TemplateNode& node, const TemplateValue& dot, Applied applied,
                TemplateValue& result);
  bool Fields(const TemplateNode& node, size_t from, const TemplateValue& dot, Applied applied,
              TemplateValue& value);
  bool Member(const std::string& name, TemplateValue& value);
  bool RefuseArguments(const TemplateNode& node, Applied applied);
  bool Call(const TemplateNode& node, const TemplateFunction& function, std::string_view name,
            const TemplateValue* receiver, const TemplateValue& dot, Applied applied,
            TemplateValue& result);
  bool CheckCount(std::string_view name, size_t wanted, bool variadic, Applied applied);
  bool ReadArguments(const TemplateFunction& function, const TemplateValue& dot, Applied applied,
                     std::vector<TemplateValue>& args);
  bool CallLogical(bool stops_at, const TemplateValue& dot, Applied applied, TemplateValue& result);
  bool Argument(const TemplateNode& node, const TemplateValue& dot, TemplateType type,
                TemplateValue& result);
  bool Constant(const TemplateNode& node, TemplateType type, TemplateValue& result);
  bool CheckType(TemplateType type, const TemplateValue& value);

  const Template* template_ = nullptr;
  const TemplateInput* input_ = nullptr;
  const TemplateNode* at_ = nullptr;
  std::string_view name_;  // Of the template under way.
  Variables variables_;
  TemplateHeap heap_;
  std::string error_;
  size_t steps_ = 0;
};

}  // namespace skald::logql
