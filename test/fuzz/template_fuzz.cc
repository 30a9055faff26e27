// Templates of line_format, run on two rows: whatever parses ends, within the bounds that the
// executor promises, and gives the same again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "logql/template/template_executor.h"

namespace {

using skald::logql::Template;
using skald::logql::TemplateExecutor;
using skald::logql::TemplateInput;
using skald::logql::TemplateMap;
using skald::logql::TemplateValue;

constexpr size_t kMaxOutput = 16 << 20;  // Several times the greatest text of one action.

constexpr std::pair<std::string_view, std::string_view> kLabels[] = {
    {"a", "1"},
    {"b", "2.5"},
    {"json", R"({"k":[1,"x",true,null,{"d":1e3}],"s":"\u00e9"})"},
    {"m", "hello, wörld  \xff"},
};

bool Run(TemplateExecutor& executor, const Template& text, std::string& out) {
  TemplateMap all;
  std::vector<std::string_view> fields;
  for (const auto& [name, value] : kLabels) {
    all.members.emplace_back(name, TemplateValue::String(value));
  }
  for (const std::string& field : text.fields()) {
    const TemplateValue* value = all.Find(field);
    fields.push_back(value == nullptr ? std::string_view() : value->text);
  }
  const TemplateInput input{.fields = fields,
                            .labels = text.uses_all_labels() ? &all : nullptr,
                            .line = "level=info msg=\"done\"",
                            .time_ns = 1'700'000'000'123'456'789};
  const bool ok = executor.Run(text, input, out);
  if (ok != executor.error().empty() || out.size() > kMaxOutput) std::abort();
  return ok;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = Template::Parse("line", std::string(data, data + size));
  if (!text.ok()) {
    if (!text.status().message().starts_with("template: line:")) std::abort();
    return 0;
  }
  TemplateExecutor executor;
  std::string first;
  const bool ok = Run(executor, *text, first);
  const std::string error = executor.error();
  std::string second;
  const bool again = Run(executor, *text, second);
  // `now` alone may differ.
  if (text->text().find("now") == std::string::npos &&
      text->text().find("date") == std::string::npos &&
      (ok != again || first != second || error != executor.error())) {
    std::abort();
  }
  return 0;
}
