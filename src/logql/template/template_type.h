#pragma once

#include <cstdint>
#include <string_view>

#include "logql/template/template_value.h"

namespace skald::logql {

// What a parameter of a template's function takes.
enum class TemplateType : uint8_t {
  kAny,
  kBool,
  kInt,
  kFloat,
  kString,
  kTime,
  kDuration,
  kLocation
};

// In Go's words.
std::string_view TypeName(TemplateType type);
// What errors call a literal of this type.
std::string_view LiteralName(TemplateType type);

// Whether the value is of that type as it is.
bool HasType(TemplateType type, const TemplateValue& value);
// Makes of a literal what Go makes of it for a parameter of that type: numbers become what is
// wanted, if they are such. False for one that cannot be given.
bool FitConstant(TemplateType type, TemplateValue& constant);

}  // namespace skald::logql
