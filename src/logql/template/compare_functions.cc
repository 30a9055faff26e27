#include <string>

#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;
using Kind = TemplateValue::Kind;

constexpr const char* kNoOrder = "invalid type for comparison";

bool IsBasic(const TemplateValue& value) {
  return value.IsInteger() || value.kind == Kind::kFloat || value.kind == Kind::kString ||
         value.kind == Kind::kBool;
}

bool Incompatible(Call& call, const TemplateValue& a, const TemplateValue& b) {
  return call.Fail("incompatible types for comparison: " + std::string(TypeName(a)) + " and " +
                   std::string(TypeName(b)));
}

bool SameKind(const TemplateValue& a, const TemplateValue& b) {
  return a.kind == b.kind || (a.IsInteger() && b.IsInteger());
}

// Requires: of the same kind.
bool IsEqual(const TemplateValue& a, const TemplateValue& b) {
  switch (a.kind) {
    case Kind::kFloat:
      return a.number == b.number;
    case Kind::kString:
      return a.text == b.text;
    case Kind::kBool:
      return a.boolean == b.boolean;
    case Kind::kTime:
      return a.time.seconds == b.time.seconds && a.time.nanoseconds == b.time.nanoseconds &&
             a.time.offset == b.time.offset;
    case Kind::kNil:
      return true;
    default:
      return a.integer == b.integer;
  }
}

// Whether two values are equal; an error if they cannot be.
bool Compare(Call& call, const TemplateValue& a, const TemplateValue& b, bool& equal) {
  equal = false;
  if (!SameKind(a, b)) {
    return a.kind == Kind::kNil || b.kind == Kind::kNil || Incompatible(call, a, b);
  }
  if (a.kind == Kind::kList || a.kind == Kind::kMap || a.kind == Kind::kLabels) {
    std::string shown;
    AppendValue(shown, b);
    return call.Fail("non-comparable type " + shown + ": " + std::string(TypeName(b)));
  }
  equal = IsEqual(a, b);
  return true;
}

bool Equal(Call& call) {
  if (call.args.size() < 2) {
    return call.Fail("missing argument for comparison");
  }
  bool equal = false;
  for (size_t a = 1; a < call.args.size() && !equal; ++a) {
    if (!Compare(call, call.args[0], call.args[a], equal)) {
      return false;
    }
  }
  return call.Give(TemplateValue::Bool(equal));
}

bool NotEqual(Call& call) {
  bool equal = false;
  return Compare(call, call.args[0], call.args[1], equal) && call.Give(TemplateValue::Bool(!equal));
}

// Whether the first comes before the second, or is equal to it if `or_equal`.
bool Precedes(Call& call, bool or_equal, bool& result) {
  const TemplateValue& a = call.args[0];
  const TemplateValue& b = call.args[1];
  if (!IsBasic(a) || !IsBasic(b)) {
    return call.Fail(kNoOrder);
  }
  if (!SameKind(a, b)) {
    return Incompatible(call, a, b);
  }
  switch (a.kind) {
    case Kind::kBool:
      return call.Fail(kNoOrder);
    case Kind::kFloat:
      result = a.number < b.number;
      break;
    case Kind::kString:
      result = a.text < b.text;
      break;
    default:
      result = a.integer < b.integer;
  }
  result = result || (or_equal && IsEqual(a, b));
  return true;
}

bool Less(Call& call) {
  bool result = false;
  return Precedes(call, false, result) && call.Give(TemplateValue::Bool(result));
}
bool LessEqual(Call& call) {
  bool result = false;
  return Precedes(call, true, result) && call.Give(TemplateValue::Bool(result));
}
bool Greater(Call& call) {
  bool result = false;
  return Precedes(call, true, result) && call.Give(TemplateValue::Bool(!result));
}
bool GreaterEqual(Call& call) {
  bool result = false;
  return Precedes(call, false, result) && call.Give(TemplateValue::Bool(!result));
}

bool Not(Call& call) { return call.Give(TemplateValue::Bool(!IsTruth(call.args[0]))); }
// The evaluator evaluates `and` and `or` itself.
bool Logical(Call& call) { return call.Give(call.args.back()); }

}  // namespace

std::span<const TemplateFunction> CompareTemplateFunctions() {
  static const std::vector<TemplateFunction> table = {
      {"and", {Type::kAny, Type::kAny}, true, Logical},
      {"or", {Type::kAny, Type::kAny}, true, Logical},
      {"not", {Type::kAny}, false, Not},
      {"eq", {Type::kAny, Type::kAny}, true, Equal},
      {"ne", {Type::kAny, Type::kAny}, false, NotEqual},
      {"lt", {Type::kAny, Type::kAny}, false, Less},
      {"le", {Type::kAny, Type::kAny}, false, LessEqual},
      {"gt", {Type::kAny, Type::kAny}, false, Greater},
      {"ge", {Type::kAny, Type::kAny}, false, GreaterEqual},
  };
  return table;
}

}  // namespace skald::logql
