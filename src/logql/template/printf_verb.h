#pragma once

#include <cstdint>
#include <string>

#include "logql/template/template_value.h"

namespace skald::logql {

// A verb of a printf format with its flags: %-8.3f.
struct PrintfVerb {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  int width = -1;      // -1: none.
  int precision = -1;  // Likewise.
  uint32_t letter = 0;
};

// Appends `value` as the verb wants it; Go's `%!d(string=x)` if the verb is none for such values.
void AppendVerb(std::string& out, const PrintfVerb& verb, const TemplateValue& value);

}  // namespace skald::logql
