#include "logql/template/template_executor.h"

#include <algorithm>
#include <optional>

#include "common/quote.h"

namespace skald::logql {
namespace {

using Type = TemplateNodeType;
using Kind = TemplateValue::Kind;

constexpr size_t kMaxSteps = 1'000'000;      // Nodes run for one row, loops included.
constexpr size_t kMaxOutputBytes = 4 << 20;  // Of one row.
constexpr int kMaxTemplateDepth = 100;       // Of templates calling templates.

// A field of a time, which Go reaches as a method.
std::optional<TemplateValue> TimeField(const GoTime& time, const std::string& name) {
  const CivilTime civil = CivilOf(time);
  if (name == "Unix") return TemplateValue::Int(time.seconds, Kind::kInt64);
  if (name == "UnixMilli") return TemplateValue::Int(time.UnixNanos() / 1'000'000, Kind::kInt64);
  if (name == "UnixMicro") return TemplateValue::Int(time.UnixNanos() / 1'000, Kind::kInt64);
  if (name == "UnixNano") return TemplateValue::Int(time.UnixNanos(), Kind::kInt64);
  if (name == "Year") return TemplateValue::Int(civil.year);
  if (name == "Month") return TemplateValue::String(MonthName(civil.month));
  if (name == "Day") return TemplateValue::Int(civil.day);
  if (name == "Hour") return TemplateValue::Int(civil.hour);
  if (name == "Minute") return TemplateValue::Int(civil.minute);
  if (name == "Second") return TemplateValue::Int(civil.second);
  if (name == "Nanosecond") return TemplateValue::Int(time.nanoseconds);
  if (name == "Weekday") return TemplateValue::String(WeekdayName(civil.weekday));
  if (name == "YearDay") return TemplateValue::Int(civil.year_day);
  if (name == "IsZero") return TemplateValue::Bool(time.IsZero());
  if (name == "UTC") return TemplateValue::Time(UtcTime(time.seconds, time.nanoseconds));
  if (name == "Local") return TemplateValue::Time(LocalTime(time.seconds, time.nanoseconds));
  return std::nullopt;
}

bool HasType(TemplateType type, const TemplateValue& value) {
  switch (type) {
    case TemplateType::kAny:
      return true;
    case TemplateType::kBool:
      return value.kind == Kind::kBool;
    case TemplateType::kInt:
      return value.kind == Kind::kInt;
    case TemplateType::kFloat:
      return value.kind == Kind::kFloat;
    case TemplateType::kString:
      return value.kind == Kind::kString;
    case TemplateType::kTime:
      return value.kind == Kind::kTime;
  }
  return false;
}

std::string_view LiteralName(TemplateType type) {
  switch (type) {
    case TemplateType::kBool:
      return "bool";
    case TemplateType::kInt:
      return "integer";
    case TemplateType::kFloat:
      return "float";
    default:
      return "string";
  }
}

}  // namespace

bool TemplateExecutor::Run(const Template& text, const TemplateInput& input, std::string& out) {
  template_ = &text;
  input_ = &input;
  out_ = &out;
  heap_.Clear();
  error_.clear();
  depth_ = 0;
  steps_ = 0;
  TemplateValue dot;
  dot.kind = Kind::kLabels;
  dot.map = input.labels;
  variables_.clear();
  variables_.emplace_back("$", dot);
  return RunNodes(text.root(), dot) != Flow::kError;
}

bool TemplateExecutor::Fail(const TemplateNode& node, const std::string& cause) {
  const std::string_view before = std::string_view(template_->text()).substr(0, node.position);
  const size_t newline = before.rfind('\n');
  const size_t column = newline == std::string_view::npos ? before.size() : before.size() - newline;
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::string& name = template_->name();
  error_ = "template: " + name + ":" + std::to_string(line) + ":" + std::to_string(column) +
           ": executing " + GoQuote(name) + " at <" + PrintNode(node) + ">: " + cause;
  return false;
}

TemplateExecutor::Flow TemplateExecutor::RunNodes(const TemplateNodes& nodes,
                                                  const TemplateValue& dot) {
  for (const auto& node : nodes) {
    if (++steps_ > kMaxSteps || out_->size() > kMaxOutputBytes) {
      Fail(*node, "the template does too much");
      return Flow::kError;
    }
    const Flow flow = RunNode(*node, dot);
    if (flow != Flow::kOn) {
      return flow;
    }
  }
  return Flow::kOn;
}

TemplateExecutor::Flow TemplateExecutor::RunNode(const TemplateNode& node,
                                                 const TemplateValue& dot) {
  switch (node.type) {
    case Type::kText:
      *out_ += node.text;
      return Flow::kOn;
    case Type::kIf:
    case Type::kWith:
      return RunBranch(node, dot);
    case Type::kRange:
      return RunRange(node, dot);
    case Type::kBreak:
      return Flow::kBreak;
    case Type::kContinue:
      return Flow::kContinue;
    case Type::kTemplate:
      return RunTemplate(node, dot);
    default:
      break;
  }
  TemplateValue value;
  if (!Pipeline(*node.children[0], dot, value)) {
    return Flow::kError;
  }
  if (node.children[0]->variables.empty()) {
    if (value.kind == Kind::kNil) {
      *out_ += "<no value>";
    } else {
      AppendValue(*out_, value);
    }
  }
  return Flow::kOn;
}

TemplateExecutor::Flow TemplateExecutor::RunBranch(const TemplateNode& node,
                                                   const TemplateValue& dot) {
  const size_t scope = variables_.size();
  TemplateValue value;
  if (!Pipeline(*node.children[0], dot, value)) {
    return Flow::kError;
  }
  const bool truth = IsTruth(value);
  const bool rebinds = truth && node.type == Type::kWith;
  const Flow flow = RunNodes(truth ? node.body : node.otherwise, rebinds ? value : dot);
  variables_.resize(scope);
  return flow;
}

TemplateExecutor::Flow TemplateExecutor::RunRangeItem(const TemplateNode& node,
                                                      const TemplateValue& key,
                                                      const TemplateValue& item) {
  const std::vector<std::string>& names = node.children[0]->variables;
  const size_t scope = variables_.size();
  if (names.size() == 1) {
    variables_.emplace_back(names[0], item);
  } else if (names.size() == 2) {
    variables_.emplace_back(names[0], key);
    variables_.emplace_back(names[1], item);
  }
  const Flow flow = RunNodes(node.body, item);
  variables_.resize(scope);
  return flow == Flow::kContinue ? Flow::kOn : flow;
}

TemplateExecutor::Flow TemplateExecutor::RunRange(const TemplateNode& node,
                                                  const TemplateValue& dot) {
  const size_t scope = variables_.size();
  TemplateValue over;
  if (!Pipeline(*node.children[0], dot, over)) {
    return Flow::kError;
  }
  variables_.resize(scope);
  size_t count = 0;
  if (over.kind == Kind::kList) {
    count = over.list->items.size();
  } else if (over.map != nullptr) {
    count = over.map->members.size();
  } else if (over.IsInteger()) {
    count = static_cast<size_t>(std::max<int64_t>(over.integer, 0));
  } else if (over.kind != Kind::kNil) {
    std::string text;
    AppendValue(text, over);
    Fail(*node.children[0], "range can't iterate over " + text);
    return Flow::kError;
  }
  for (size_t i = 0; i < count; ++i) {
    TemplateValue key = TemplateValue::Int(static_cast<int64_t>(i));
    TemplateValue item = key;
    if (over.kind == Kind::kList) {
      item = over.list->items[i];
    } else if (over.map != nullptr) {
      key = TemplateValue::String(over.map->members[i].first);
      item = over.map->members[i].second;
    }
    const Flow flow = ++steps_ > kMaxSteps
                          ? (Fail(node, "the template does too much"), Flow::kError)
                          : RunRangeItem(node, key, item);
    if (flow == Flow::kBreak) {
      return Flow::kOn;
    }
    if (flow == Flow::kError) {
      return flow;
    }
  }
  return count == 0 ? RunNodes(node.otherwise, dot) : Flow::kOn;
}

TemplateExecutor::Flow TemplateExecutor::RunTemplate(const TemplateNode& node,
                                                     const TemplateValue& dot) {
  const TemplateNodes* nodes = template_->Find(node.text);
  if (nodes == nullptr || depth_ >= kMaxTemplateDepth) {
    Fail(node, nodes == nullptr ? "template " + GoQuote(node.text) + " not defined"
                                : "exceeded maximum template depth");
    return Flow::kError;
  }
  TemplateValue argument;
  if (!node.children.empty() && !Pipeline(*node.children[0], dot, argument)) {
    return Flow::kError;
  }
  Variables outer{{"$", argument}};
  outer.swap(variables_);
  ++depth_;
  const Flow flow = RunNodes(*nodes, argument);
  --depth_;
  outer.swap(variables_);
  return flow;
}

bool TemplateExecutor::Pipeline(const TemplateNode& node, const TemplateValue& dot,
                                TemplateValue& result) {
  TemplateValue piped;
  for (size_t c = 0; c < node.children.size(); ++c) {
    TemplateValue next;
    if (!Command(*node.children[c], dot, c == 0 ? nullptr : &piped, next)) {
      return false;
    }
    piped = next;
  }
  result = piped;
  if (node.variables.size() == 1) {
    if (!node.assigns) {
      variables_.emplace_back(node.variables[0], result);
    } else {
      const auto known = std::find_if(variables_.rbegin(), variables_.rend(),
                                      [&](const auto& v) { return v.first == node.variables[0]; });
      if (known != variables_.rend()) {
        known->second = result;
      }
    }
  }
  return true;
}

bool TemplateExecutor::Command(const TemplateNode& node, const TemplateValue& dot,
                               const TemplateValue* piped, TemplateValue& result) {
  const TemplateNode& first = *node.children[0];
  if (first.type == Type::kIdentifier) {
    return Call(node, dot, piped, result) && Fields(first, 0, result);
  }
  const bool method = first.idents.size() > (first.type == Type::kField ? 1u : 0u) &&
                      first.idents.back() == "Format";
  if ((node.children.size() > 1 || piped != nullptr) && !method) {
    return Fail(first, "can't give argument to non-function " + PrintNode(first));
  }
  if (first.type == Type::kNil) {
    return Fail(first, "nil is not a command");
  }
  return Operand(first, dot, result);
}

bool TemplateExecutor::Fields(const TemplateNode& node, size_t from, TemplateValue& value) {
  for (size_t f = from; f < node.idents.size(); ++f) {
    const std::string& name = node.idents[f];
    if (value.kind == Kind::kMap || value.kind == Kind::kLabels) {
      const TemplateValue* member = value.map == nullptr ? nullptr : value.map->Find(name);
      value = member != nullptr             ? *member
              : value.kind == Kind::kLabels ? TemplateValue::String("")
                                            : TemplateValue();
    } else if (value.kind == Kind::kTime) {
      const std::optional<TemplateValue> field = TimeField(value.time, name);
      if (!field) {
        return Fail(node, "can't evaluate field " + name + " in type time.Time");
      }
      value = *field;
    } else if (value.kind == Kind::kNil) {
      return Fail(node, "nil pointer evaluating interface {}." + name);
    } else {
      return Fail(node,
                  "can't evaluate field " + name + " in type " + std::string(TypeName(value)));
    }
  }
  return true;
}

bool TemplateExecutor::Operand(const TemplateNode& node, const TemplateValue& dot,
                               TemplateValue& result) {
  switch (node.type) {
    case Type::kDot:
      result = dot;
      return true;
    case Type::kNil:
      result = TemplateValue();
      return true;
    case Type::kConstant:
      result = node.value;
      return true;
    case Type::kField:
      if (dot.kind == Kind::kLabels) {
        result = TemplateValue::String(input_->fields[node.field]);
        return Fields(node, 1, result);
      }
      result = dot;
      return dot.kind == Kind::kNil ? true : Fields(node, 0, result);
    case Type::kVariable: {
      const auto known = std::find_if(variables_.rbegin(), variables_.rend(),
                                      [&](const auto& v) { return v.first == node.text; });
      if (known == variables_.rend()) {
        return Fail(node, "undefined variable: " + node.text);
      }
      result = known->second;
      return Fields(node, 0, result);
    }
    case Type::kParens:
      return Pipeline(*node.children[0], dot, result) && Fields(node, 0, result);
    case Type::kIdentifier: {
      TemplateCall call{.args = {}, .input = *input_, .heap = heap_, .result = {}, .error = {}};
      if (!node.function->params.empty() && !node.function->variadic) {
        return Fail(node, "wrong number of args for " + node.text + ": want " +
                              std::to_string(node.function->params.size()) + " got 0");
      }
      if (!node.function->call(call)) {
        return Fail(node, "error calling " + node.text + ": " + call.error);
      }
      result = call.result;
      return Fields(node, 0, result);
    }
    default:
      return Fail(node, "can't evaluate command " + GoQuote(PrintNode(node)));
  }
}

bool TemplateExecutor::CheckType(const TemplateNode& node, TemplateType type,
                                 const TemplateValue& value) {
  if (HasType(type, value)) {
    return true;
  }
  if (value.kind == Kind::kNil) {
    return Fail(node, "invalid value; expected " + std::string(TypeName(type)));
  }
  return Fail(node, "wrong type for value; expected " + std::string(TypeName(type)) + "; got " +
                        std::string(TypeName(value)));
}

bool TemplateExecutor::Argument(const TemplateNode& node, const TemplateValue& dot,
                                TemplateType type, TemplateValue& result) {
  if (node.type == Type::kNil && type != TemplateType::kAny) {
    return Fail(node, "cannot assign nil to " + std::string(TypeName(type)));
  }
  if (!Operand(node, dot, result)) {
    return false;
  }
  if (node.type == Type::kConstant && !HasType(type, result)) {
    if (type == TemplateType::kFloat && result.kind == Kind::kInt) {
      result = TemplateValue::Float(static_cast<double>(result.integer));
      return true;
    }
    return Fail(node, "expected " + std::string(LiteralName(type)) + "; found " + PrintNode(node));
  }
  return CheckType(node, type, result);
}

// `and` and `or` stop at the first argument that decides.
bool TemplateExecutor::CallLogical(const TemplateNode& command, const TemplateValue& dot,
                                   const TemplateValue* piped, TemplateValue& result) {
  const bool stops_at = command.children[0]->text == "or";
  for (size_t a = 1; a < command.children.size(); ++a) {
    if (!Argument(*command.children[a], dot, TemplateType::kAny, result)) {
      return false;
    }
    if (IsTruth(result) == stops_at) {
      return true;
    }
  }
  if (piped != nullptr) {
    result = *piped;
  }
  return true;
}

bool TemplateExecutor::Call(const TemplateNode& command, const TemplateValue& dot,
                            const TemplateValue* piped, TemplateValue& result) {
  const TemplateNode& name = *command.children[0];
  const TemplateFunction& function = *name.function;
  const size_t count = command.children.size() - 1 + (piped == nullptr ? 0 : 1);
  const size_t wanted = function.params.size() - (function.variadic ? 1 : 0);
  if (count < wanted || (count > wanted && !function.variadic)) {
    return Fail(name, "wrong number of args for " + name.text + ": want " +
                          (function.variadic ? "at least " : "") + std::to_string(wanted) +
                          " got " + std::to_string(count));
  }
  if (name.text == "and" || name.text == "or") {
    return CallLogical(command, dot, piped, result);
  }
  std::vector<TemplateValue> args(count);
  const auto type_of = [&](size_t a) {
    return function.params[std::min(a, function.params.size() - 1)];
  };
  for (size_t a = 0; a + 1 < command.children.size(); ++a) {
    if (!Argument(*command.children[a + 1], dot, type_of(a), args[a])) {
      return false;
    }
  }
  if (piped != nullptr) {
    args.back() = *piped;
    if (!CheckType(command, type_of(count - 1), args.back())) {
      return false;
    }
  }
  TemplateCall call{.args = args, .input = *input_, .heap = heap_, .result = {}, .error = {}};
  if (!function.call(call)) {
    return Fail(command, "error calling " + name.text + ": " + call.error);
  }
  result = call.result;
  return true;
}

}  // namespace skald::logql
