#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "logql/template/template_tree.h"

namespace skald::logql {

struct TemplateFunction;

// The function of a name; null if there is none.
using FindFunction = const TemplateFunction* (*)(std::string_view name);

// What a template's text says.
struct TemplateParts {
  FindFunction find_function = nullptr;
  TemplateNodes root;
  std::map<std::string, TemplateNodes, std::less<>> definitions;
  std::vector<std::string>
      fields;                    // Labels that it names, each once. Nodes refer to them by index.
  bool uses_all_labels = false;  // Whether it may look at any label: the dot as a whole is used.
  std::deque<std::string> literals;  // That values of nodes view.
};

// A parsed template in Go's text/template language: of line_format, label_format, or, with
// functions of its own, of an alert.
//
// Threads: immutable; any thread may execute it.
class Template {
 public:
  // `name` is what errors call it. kInvalidArgument with Go's words: `template: line:1: ...`.
  static Result<Template> Parse(std::string name, std::string text);
  static Result<Template> Parse(std::string name, std::string text, FindFunction find_function);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  const std::vector<std::string>& fields() const { return parts_.fields; }
  bool uses_all_labels() const { return parts_.uses_all_labels; }

  const TemplateNodes& root() const { return parts_.root; }
  // What {{template}} runs by this name, the template itself included. Null if there is none.
  const TemplateNodes* Find(std::string_view name) const;

 private:
  Template() = default;

  std::string name_;
  std::string text_;
  TemplateParts parts_;
};

}  // namespace skald::logql
