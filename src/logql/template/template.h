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

// What a template's text says.
struct TemplateParts {
  TemplateNodes root;
  std::map<std::string, TemplateNodes, std::less<>> definitions;
  std::vector<std::string>
      fields;                    // Labels that it names, each once. Nodes refer to them by index.
  bool uses_all_labels = false;  // Whether it may look at any label: the dot as a whole is used.
  std::deque<std::string> literals;  // That values of nodes view.
};

// A parsed template of line_format or label_format, in Go's text/template language.
//
// Threads: immutable; any thread may execute it.
class Template {
 public:
  // `name` is what errors call it. kInvalidArgument with Go's words: `template: line:1: ...`.
  static Result<Template> Parse(std::string name, std::string text);

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
