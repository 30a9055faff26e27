#pragma once

#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "logql/template/template_tree.h"

namespace skald::logql {

// A parsed template of line_format or label_format, in Go's text/template language.
//
// Threads: immutable; any thread may execute it.
class Template {
 public:
  // `name` is what errors call it. kInvalidArgument with Go's words: `template: line:1: ...`.
  static Result<Template> Parse(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  // Labels that the template names, each once. Nodes refer to them by index.
  const std::vector<std::string>& fields() const { return fields_; }
  // Whether it may look at any label: the dot as a whole is used.
  bool uses_all_labels() const { return uses_all_labels_; }

  const TemplateNodes& root() const { return root_; }
  // Null if nothing of that name is defined.
  const TemplateNodes* Find(const std::string& name) const;

 private:
  friend class TemplateParser;

  std::string name_;
  std::string text_;
  std::vector<std::string> fields_;
  bool uses_all_labels_ = false;
  TemplateNodes root_;
  std::map<std::string, TemplateNodes> definitions_;
  std::deque<std::string> literals_;  // That values of nodes view.
};

}  // namespace skald::logql
