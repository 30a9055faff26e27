#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "logql/template/template_value.h"

namespace skald::logql {

// What a template runs on: one row.
struct TemplateInput {
  std::span<const std::string_view> fields;  // Values of Template::fields(); "" for none.
  const TemplateMap* labels = nullptr;       // All labels; null unless uses_all_labels().
  std::string_view line;
  int64_t time_ns = 0;
};

enum class TemplateType : uint8_t { kAny, kBool, kInt, kFloat, kString, kTime };
std::string_view TypeName(TemplateType type);

// A call under way. A function sets `result`, or `error` and returns false.
struct TemplateCall {
  std::span<const TemplateValue> args;
  const TemplateInput& input;
  TemplateHeap& heap;
  TemplateValue result;
  std::string error;
};

struct TemplateFunction {
  std::string_view name;
  std::vector<TemplateType> params;  // With `variadic` the last one may come any number of times.
  bool variadic;
  bool (*call)(TemplateCall&);
};

// Null if there is no such function. `and` and `or` are known to the executor as well.
const TemplateFunction* FindTemplateFunction(std::string_view name);

// Parts of the table.
std::span<const TemplateFunction> BasicTemplateFunctions();
std::span<const TemplateFunction> StringTemplateFunctions();
std::span<const TemplateFunction> NumberTemplateFunctions();
std::span<const TemplateFunction> TimeTemplateFunctions();

}  // namespace skald::logql
