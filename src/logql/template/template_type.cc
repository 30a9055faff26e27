#include "logql/template/template_type.h"

namespace skald::logql {

std::string_view TypeName(TemplateType type) {
  switch (type) {
    case TemplateType::kAny:
      return "interface {}";
    case TemplateType::kBool:
      return "bool";
    case TemplateType::kInt:
      return "int";
    case TemplateType::kFloat:
      return "float64";
    case TemplateType::kString:
      return "string";
    case TemplateType::kTime:
      return "time.Time";
    case TemplateType::kDuration:
      return "time.Duration";
    case TemplateType::kLocation:
      return "*time.Location";
  }
  return "";
}

std::string_view LiteralName(TemplateType type) {
  switch (type) {
    case TemplateType::kBool:
      return "bool";
    case TemplateType::kInt:
    case TemplateType::kDuration:
      return "integer";
    case TemplateType::kFloat:
      return "float";
    default:
      return "string";
  }
}

bool HasType(TemplateType type, const TemplateValue& value) {
  switch (type) {
    case TemplateType::kAny:
      return true;
    case TemplateType::kBool:
      return value.kind == TemplateValue::Kind::kBool;
    case TemplateType::kInt:
      return value.kind == TemplateValue::Kind::kInt;
    case TemplateType::kFloat:
      return value.kind == TemplateValue::Kind::kFloat;
    case TemplateType::kString:
      return value.kind == TemplateValue::Kind::kString;
    case TemplateType::kTime:
      return value.kind == TemplateValue::Kind::kTime;
    case TemplateType::kDuration:
      return value.kind == TemplateValue::Kind::kDuration;
    case TemplateType::kLocation:
      return value.kind == TemplateValue::Kind::kLocation;
  }
  return false;
}

bool FitConstant(TemplateType type, TemplateValue& constant) {
  using Kind = TemplateValue::Kind;
  const bool nanoseconds = type == TemplateType::kDuration && constant.kind == Kind::kInt;
  if (HasType(type, constant) || nanoseconds) return true;
  if (type == TemplateType::kFloat && constant.kind == Kind::kInt) {
    constant = TemplateValue::Float(static_cast<double>(constant.integer));
    return true;
  }
  const bool whole = type == TemplateType::kInt || type == TemplateType::kDuration;
  const double number = constant.number;
  if (whole && constant.kind == Kind::kFloat && number >= -9.2e18 && number <= 9.2e18 &&
      static_cast<double>(static_cast<int64_t>(number)) == number) {
    constant = TemplateValue::Int(static_cast<int64_t>(number));
    return true;
  }
  return false;
}

}  // namespace skald::logql
