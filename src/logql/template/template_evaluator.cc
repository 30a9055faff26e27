#include "logql/template/template_evaluator.h"

#include <algorithm>

#include "common/quote.h"
#include "logql/template/duration_methods.h"
#include "logql/template/time_methods.h"

namespace skald::logql {
namespace {

using Type = TemplateNodeType;
using Kind = TemplateValue::Kind;

constexpr size_t kMaxSteps = 1'000'000;  // Nodes run for one row, loops included.
constexpr size_t kBytesPerStep = 64;     // Of texts given to functions.

// Null for what has no such method.
const TemplateFunction* FindMethod(const TemplateValue& value, std::string_view name) {
  switch (value.kind) {
    case Kind::kTime:
      return FindTimeMethod(name);
    case Kind::kDuration:
      return FindDurationMethod(name);
    case Kind::kMonth:
    case Kind::kWeekday:
    case Kind::kLocation:
      return FindNameMethod(name);
    default:
      return nullptr;
  }
}

}  // namespace

void TemplateEvaluator::Begin(const Template& text, const TemplateInput& input) {
  template_ = &text;
  input_ = &input;
  name_ = text.name();
  at_ = nullptr;
  heap_.Clear();
  error_.clear();
  steps_ = 0;
  variables_.clear();
}

bool TemplateEvaluator::Fail(const std::string& cause) {
  const std::string_view before = std::string_view(template_->text()).substr(0, at_->position);
  const size_t newline = before.rfind('\n');
  const size_t column =
      newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  error_ = "template: " + template_->name() + ":" + std::to_string(line) + ":" +
           std::to_string(column) + ": executing " + GoQuote(name_) + " at <" + PrintNode(*at_) +
           ">: " + cause;
  return false;
}

bool TemplateEvaluator::Spend(size_t steps) {
  steps_ += steps;
  return steps_ <= kMaxSteps || Fail("the template does too much");
}

void TemplateEvaluator::ExchangeFrame(Frame& frame) {
  std::swap(frame.variables, variables_);
  std::swap(frame.name, name_);
}

bool TemplateEvaluator::Assign(std::string_view name, const TemplateValue& value) {
  const auto known = std::find_if(variables_.rbegin(), variables_.rend(),
                                  [&](const auto& variable) { return variable.first == name; });
  if (known == variables_.rend()) {
    return Fail("undefined variable: " + std::string(name));
  }
  known->second = value;
  return true;
}

bool TemplateEvaluator::Pipeline(const TemplateNode& node, const TemplateValue& dot,
                                 TemplateValue& result) {
  At(node);
  TemplateValue piped;
  for (size_t c = 0; c < node.children.size(); ++c) {
    TemplateValue next;
    if (!Command(*node.children[c], dot, c == 0 ? nullptr : &piped, next)) {
      return false;
    }
    piped = next;
    piped.boxed = false;
  }
  result = piped;
  for (const std::string& name : node.variables) {
    if (!node.assigns) {
      Push(name, result);
    } else if (!Assign(name, result)) {
      return false;
    }
  }
  return true;
}

bool TemplateEvaluator::Command(const TemplateNode& node, const TemplateValue& dot,
                                const TemplateValue* piped, TemplateValue& result) {
  if (!Spend(1)) {
    return false;
  }
  const TemplateNode& first = *node.children[0];
  const Applied applied{.command = &node, .piped = piped};
  switch (first.type) {
    case Type::kField:
    case Type::kChain:
    case Type::kVariable:
    case Type::kIdentifier:
      return Operand(first, dot, applied, result);
    case Type::kPipeline:
      return RefuseArguments(first, applied) && Pipeline(first, dot, result);
    default:
      At(first);
      if (!RefuseArguments(first, applied)) {
        return false;
      }
      return first.type == Type::kNil ? Fail("nil is not a command")
                                      : Operand(first, dot, {}, result);
  }
}

bool TemplateEvaluator::RefuseArguments(const TemplateNode& node, Applied applied) {
  if (!applied.has_arguments()) {
    return true;
  }
  return Fail("can't give argument to non-function " + PrintNode(node));
}

bool TemplateEvaluator::Operand(const TemplateNode& node, const TemplateValue& dot, Applied applied,
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
      At(node);
      return FieldOfDot(node, dot, applied, result);
    case Type::kVariable:
      At(node);
      return Variable(node, dot, applied, result);
    case Type::kChain: {
      At(node);
      const TemplateNode& inner = *node.children[0];
      if (inner.type == Type::kNil) {
        return Fail("indirection through explicit nil in " + PrintNode(node));
      }
      return Argument(inner, dot, TemplateType::kAny, result) &&
             Fields(node, 0, dot, applied, result);
    }
    case Type::kPipeline:
      return Pipeline(node, dot, result);
    default:
      At(node);
      return Call(node, *node.function, node.text, nullptr, dot, applied, result);
  }
}

// Labels are read from columns where the dot is all of them.
bool TemplateEvaluator::FieldOfDot(const TemplateNode& node, const TemplateValue& dot,
                                   Applied applied, TemplateValue& result) {
  if (dot.kind != Kind::kLabels) {
    result = dot;
    return Fields(node, 0, dot, applied, result);
  }
  result = TemplateValue::String(input_->fields[node.field]);
  if (node.idents.size() == 1) {
    return !applied.has_arguments() || Fail(node.idents[0] + " is not a method but has arguments");
  }
  return Fields(node, 1, dot, applied, result);
}

bool TemplateEvaluator::Variable(const TemplateNode& node, const TemplateValue& dot,
                                 Applied applied, TemplateValue& result) {
  const auto known = std::find_if(variables_.rbegin(), variables_.rend(),
                                  [&](const auto& v) { return v.first == node.text; });
  if (known == variables_.rend()) {
    return Fail("undefined variable: " + node.text);
  }
  result = known->second;
  return node.idents.empty() ? RefuseArguments(node, applied)
                             : Fields(node, 0, dot, applied, result);
}

// Goes from `value` along the names from `from` on; what is applied is for the last of them.
bool TemplateEvaluator::Fields(const TemplateNode& node, size_t from, const TemplateValue& dot,
                               Applied applied, TemplateValue& value) {
  for (size_t f = from; f < node.idents.size(); ++f) {
    const std::string& name = node.idents[f];
    const Applied here = f + 1 == node.idents.size() ? applied : Applied{};
    if (const TemplateFunction* method = FindMethod(value, name); method != nullptr) {
      const TemplateValue receiver = value;
      if (!Call(node, *method, name, &receiver, dot, here, value)) {
        return false;
      }
      continue;
    }
    const bool is_map = value.kind == Kind::kMap || value.kind == Kind::kLabels;
    if (is_map && here.has_arguments()) {
      return Fail(name + " is not a method but has arguments");
    }
    if (!Member(name, value)) {
      return false;
    }
  }
  return true;
}

bool TemplateEvaluator::Member(const std::string& name, TemplateValue& value) {
  switch (value.kind) {
    case Kind::kNil:  // Of nothing, nothing.
      return !value.boxed || Fail("nil pointer evaluating interface {}." + name);
    case Kind::kMap:
    case Kind::kLabels: {
      const bool boxed = value.kind == Kind::kMap;
      const TemplateValue* member = value.map == nullptr ? nullptr : value.map->Find(name);
      value = member != nullptr ? *member : boxed ? TemplateValue() : TemplateValue::String("");
      value.boxed = boxed;
      return true;
    }
    default:
      return Fail("can't evaluate field " + name + " in type " +
                  std::string(value.boxed ? "interface {}" : TypeName(value)));
  }
}

bool TemplateEvaluator::CheckType(TemplateType type, const TemplateValue& value) {
  if (HasType(type, value)) {
    return true;
  }
  if (value.kind == Kind::kNil && !value.boxed) {
    return Fail("invalid value; expected " + std::string(TypeName(type)));
  }
  return Fail("wrong type for value; expected " + std::string(TypeName(type)) + "; got " +
              std::string(value.kind == Kind::kNil ? "interface {}" : TypeName(value)));
}

bool TemplateEvaluator::Argument(const TemplateNode& node, const TemplateValue& dot,
                                 TemplateType type, TemplateValue& result) {
  At(node);
  if (node.type == Type::kConstant) {
    return Constant(node, type, result);
  }
  if (node.type == Type::kNil && type != TemplateType::kAny) {
    return Fail("cannot assign nil to " + std::string(TypeName(type)));
  }
  return Operand(node, dot, {}, result) && CheckType(type, result);
}

bool TemplateEvaluator::Constant(const TemplateNode& node, TemplateType type,
                                 TemplateValue& result) {
  result = node.value;
  if (FitConstant(type, result)) {
    return true;
  }
  if (type == TemplateType::kTime || type == TemplateType::kLocation) {
    return Fail("can't handle " + PrintNode(node) + " for arg of type " +
                std::string(TypeName(type)));
  }
  return Fail("expected " + std::string(LiteralName(type)) + "; found " + PrintNode(node));
}

// `and` and `or` stop at the first argument that decides.
bool TemplateEvaluator::CallLogical(bool stops_at, const TemplateValue& dot, Applied applied,
                                    TemplateValue& result) {
  for (size_t a = 1; applied.command != nullptr && a < applied.command->children.size(); ++a) {
    if (!Argument(*applied.command->children[a], dot, TemplateType::kAny, result)) {
      return false;
    }
    if (IsTruth(result) == stops_at) {
      return true;
    }
  }
  if (applied.piped != nullptr) {
    result = *applied.piped;
  }
  return true;
}

// A method has its receiver for first argument, which errors do not count.
bool TemplateEvaluator::Call(const TemplateNode& node, const TemplateFunction& function,
                             std::string_view name, const TemplateValue* receiver,
                             const TemplateValue& dot, Applied applied, TemplateValue& result) {
  const size_t hidden = receiver == nullptr ? 0 : 1;
  const size_t wanted = function.params.size() - hidden - (function.variadic ? 1 : 0);
  if (!CheckCount(name, wanted, function.variadic, applied)) {
    return false;
  }
  if (!function.refusal.empty()) {
    return Fail(std::string(function.refusal));
  }
  if (receiver == nullptr && (name == "and" || name == "or")) {
    return CallLogical(name == "or", dot, applied, result);
  }
  std::vector<TemplateValue> args;
  if (receiver != nullptr) {
    args.push_back(*receiver);
  }
  if (!ReadArguments(function, dot, applied, args)) {
    return false;
  }
  TemplateCall call{.args = args, .input = *input_, .heap = heap_, .result = {}, .error = {}};
  if (name == "call" && applied.written() > 0) {
    call.callee = PrintNode(*applied.command->children[1]);
  }
  if (!function.call(call)) {
    At(applied.command == nullptr ? node : *applied.command);
    return Fail("error calling " + std::string(name) + ": " + call.error);
  }
  result = call.result;
  return true;
}

bool TemplateEvaluator::CheckCount(std::string_view name, size_t wanted, bool variadic,
                                   Applied applied) {
  const size_t written = applied.written();
  const size_t count = written + (applied.piped == nullptr ? 0 : 1);
  if (count == wanted || (count > wanted && variadic)) {
    return true;
  }
  return Fail("wrong number of args for " + std::string(name) + ": want " +
              (variadic ? "at least " : "") + std::to_string(wanted) + " got " +
              std::to_string(variadic ? written : count));
}

// Appends to `args`, and counts the work that long texts will be.
bool TemplateEvaluator::ReadArguments(const TemplateFunction& function, const TemplateValue& dot,
                                      Applied applied, std::vector<TemplateValue>& args) {
  const auto type_of_next = [&] {
    return function.params[std::min(args.size(), function.params.size() - 1)];
  };
  for (size_t a = 0; a < applied.written(); ++a) {
    TemplateValue arg;
    if (!Argument(*applied.command->children[a + 1], dot, type_of_next(), arg)) {
      return false;
    }
    args.push_back(arg);
  }
  if (applied.piped != nullptr) {
    if (!CheckType(type_of_next(), *applied.piped)) {
      return false;
    }
    args.push_back(*applied.piped);
  }
  size_t bytes = 0;
  for (const TemplateValue& arg : args) {
    bytes += arg.text.size();
  }
  return Spend(bytes / kBytesPerStep);
}

}  // namespace skald::logql
