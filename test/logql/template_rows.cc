#include "logql/template_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>

#include "logql/template/template_executor.h"

namespace skald::test {
namespace {

using logql::Template;
using logql::TemplateExecutor;
using logql::TemplateInput;
using logql::TemplateMap;
using logql::TemplateValue;

constexpr std::string_view kPrefix = "template: line:";

constexpr std::pair<std::string_view, std::string_view> kLabels[] = {
    {"a", "1"},
    {"app", "web"},
    {"b", "2.5"},
    {"b64", "aGVsbG8="},
    {"dur", "1h30m"},
    {"empty", ""},
    {"html", R"(<a href="x">'&'</a>)"},
    {"json", R"({"n":1000000,"s":"x","l":[1,"two",true,null,{"k":"v"}],"o":{"p":{"q":3}},"f":0.1,)"
             R"("big":123456789012345678})"},
    {"lines", "x\ny\nz"},
    {"msg", "hello world"},
    {"neg", "-7"},
    {"pad", "  padded\t"},
    {"size", "20MB"},
    {"ts", "1700000000"},
    {"u", "héLLo wörld ǆ ß ﬀ"},
    {"url", "a b&c=d/é?"},
};

struct Outcome {
  bool ok = false;
  std::string text;  // Output or error.
};

Outcome Run(const Template& text) {
  setenv("TZ", "UTC", 1);
  tzset();
  TemplateMap labels;
  for (const auto& [name, value] : kLabels) {
    labels.members.emplace_back(name, TemplateValue::String(value));
  }
  std::vector<std::string_view> fields;
  for (const std::string& field : text.fields()) {
    const TemplateValue* value = labels.Find(field);
    fields.push_back(value == nullptr ? std::string_view() : value->text);
  }
  const TemplateInput input{.fields = fields,
                            .labels = text.uses_all_labels() ? &labels : nullptr,
                            .line = "level=info msg=\"done\"",
                            .time_ns = 1'700'000'000'123'456'789};
  TemplateExecutor executor;
  Outcome outcome;
  outcome.ok = executor.Run(text, input, outcome.text);
  if (!outcome.ok) outcome.text = executor.error();
  return outcome;
}

std::string WithoutPrefix(std::string_view error) {
  EXPECT_TRUE(error.starts_with(kPrefix)) << error;
  std::string text(error.substr(std::min(error.size(), kPrefix.size())));
  const std::string_view executing = ": executing \"line\" at ";
  if (const size_t at = text.find(executing); at != std::string::npos) {
    text.replace(at, executing.size(), " at ");
  }
  return text;
}

}  // namespace

void CheckTexts(const std::vector<TemplateRow>& rows) {
  for (const TemplateRow& row : rows) {
    const auto text = Template::Parse("line", std::string(row.text));
    if (!text.ok()) {
      ADD_FAILURE() << row.text << ": " << text.status().message();
      continue;
    }
    const Outcome outcome = Run(*text);
    EXPECT_TRUE(outcome.ok) << row.text;
    EXPECT_EQ(outcome.text, row.expected) << row.text;
  }
}

void CheckParseErrors(const std::vector<TemplateRow>& rows) {
  for (const TemplateRow& row : rows) {
    const auto text = Template::Parse("line", std::string(row.text));
    ASSERT_FALSE(text.ok()) << row.text;
    EXPECT_EQ(text.status().code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(WithoutPrefix(text.status().message()), row.expected) << row.text;
  }
}

void CheckRunErrors(const std::vector<TemplateRow>& rows) {
  for (const TemplateRow& row : rows) {
    const auto text = Template::Parse("line", std::string(row.text));
    if (!text.ok()) {
      ADD_FAILURE() << row.text << ": " << text.status().message();
      continue;
    }
    const Outcome outcome = Run(*text);
    EXPECT_FALSE(outcome.ok) << row.text;
    EXPECT_EQ(WithoutPrefix(outcome.text), row.expected) << row.text;
  }
}

}  // namespace skald::test
