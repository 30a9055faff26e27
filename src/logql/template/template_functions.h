#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "logql/template/template_type.h"
#include "logql/template/template_value.h"

namespace skald::logql {

// Bytes of one text that a function gives: `repeat` could ask for anything.
inline constexpr size_t kMaxTemplateTextBytes = 4 << 20;

// What functions of another room know beside their arguments: they alone know what it is.
class TemplateHost {
 protected:
  ~TemplateHost() = default;
};

// What a template runs on: one row.
struct TemplateInput {
  std::span<const std::string_view> fields;  // Values of Template::fields(); "" for none.
  const TemplateMap* labels = nullptr;       // All labels; null unless uses_all_labels().
  std::string_view line;
  int64_t time_ns = 0;
  const TemplateMap* dot = nullptr;  // What the template starts with instead of the labels.
  TemplateHost* host = nullptr;
};

// A call under way. A function ends with one of the methods, which say whether it went well.
struct TemplateCall {
  std::span<const TemplateValue> args;
  const TemplateInput& input;
  TemplateHeap& heap;
  TemplateValue result;
  std::string error;
  std::string callee = {};  // What `call` is to call, as the template has it, unless piped.

  std::string_view text(size_t arg) const { return args[arg].text; }
  int64_t integer(size_t arg) const { return args[arg].integer; }

  bool Give(const TemplateValue& value) {
    result = value;
    return true;
  }
  // Gives a copy of `text`, or fails if that is too long.
  bool GiveText(std::string_view text);
  bool Fail(std::string cause) {
    error = std::move(cause);
    return false;
  }
};

struct TemplateFunction {
  std::string_view name;
  std::vector<TemplateType> params;  // With `variadic` the last one may come any number of times.
  bool variadic;
  bool (*call)(TemplateCall&);
  // Why Go calls nothing that gives such results; empty if it does. `call` may be null then.
  std::string_view refusal = {};
};

// Null if there is no such function. `and` and `or` are known to the evaluator as well.
const TemplateFunction* FindTemplateFunction(std::string_view name);

// Parts of the table.
std::span<const TemplateFunction> BasicTemplateFunctions();
std::span<const TemplateFunction> CompareTemplateFunctions();
std::span<const TemplateFunction> StringTemplateFunctions();
std::span<const TemplateFunction> EncodingTemplateFunctions();
std::span<const TemplateFunction> RegexTemplateFunctions();
std::span<const TemplateFunction> NumberTemplateFunctions();
std::span<const TemplateFunction> TimeTemplateFunctions();

}  // namespace skald::logql
