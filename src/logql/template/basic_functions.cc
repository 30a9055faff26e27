#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "common/hash.h"
#include "logql/template/go_format.h"
#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;
using Kind = TemplateValue::Kind;

bool Give(Call& call, std::string_view text) {
  call.result = TemplateValue::String(call.heap.texts.Copy(text));
  return true;
}
bool Give(Call& call, bool value) {
  call.result = TemplateValue::Bool(value);
  return true;
}
bool Refuse(Call& call, std::string cause) {
  call.error = std::move(cause);
  return false;
}

bool Line(Call& call) {
  call.result = TemplateValue::String(call.input.line);
  return true;
}

// Three ways to compare: -1, 0, 1; 2 for values that have no order.
int Order(const TemplateValue& a, const TemplateValue& b) {
  const auto of = [](auto x, auto y) { return x < y ? -1 : x == y ? 0 : 1; };
  if (a.IsInteger() && b.IsInteger()) return of(a.integer, b.integer);
  if (a.kind != b.kind) return 2;
  switch (a.kind) {
    case Kind::kFloat:
      return of(a.number, b.number);
    case Kind::kString:
      return of(a.text, b.text);
    case Kind::kBool:
      return of(a.boolean, b.boolean);
    case Kind::kNil:
      return 0;
    default:
      return 2;
  }
}

bool Equal(Call& call) {
  if (call.args.size() < 2) return Refuse(call, "missing argument for comparison");
  for (const TemplateValue& other : call.args.subspan(1)) {
    const int order = Order(call.args[0], other);
    if (order == 2 && call.args[0].kind != Kind::kNil && other.kind != Kind::kNil) {
      return Refuse(call, "incompatible types for comparison");
    }
    if (order == 0) return Give(call, true);
  }
  return Give(call, false);
}
bool NotEqual(Call& call) {
  const int order = Order(call.args[0], call.args[1]);
  return order == 2 ? Refuse(call, "incompatible types for comparison") : Give(call, order != 0);
}
bool Less(Call& call) {
  const int order = Order(call.args[0], call.args[1]);
  return order == 2 ? Refuse(call, "incompatible types for comparison") : Give(call, order < 0);
}
bool LessEqual(Call& call) {
  const int order = Order(call.args[0], call.args[1]);
  return order == 2 ? Refuse(call, "incompatible types for comparison") : Give(call, order <= 0);
}
bool Greater(Call& call) {
  const int order = Order(call.args[0], call.args[1]);
  return order == 2 ? Refuse(call, "incompatible types for comparison") : Give(call, order > 0);
}
bool GreaterEqual(Call& call) {
  const int order = Order(call.args[0], call.args[1]);
  return order == 2 ? Refuse(call, "incompatible types for comparison") : Give(call, order >= 0);
}

bool Not(Call& call) { return Give(call, !IsTruth(call.args[0])); }
// The executor evaluates these two itself.
bool Logical(Call& call) {
  call.result = call.args.empty() ? TemplateValue() : call.args.back();
  return true;
}

bool Length(Call& call) {
  const TemplateValue& value = call.args[0];
  size_t length = 0;
  if (value.kind == Kind::kString) {
    length = value.text.size();
  } else if (value.kind == Kind::kList) {
    length = value.list->items.size();
  } else if (value.map != nullptr) {
    length = value.map->members.size();
  } else {
    return Refuse(call, value.kind == Kind::kNil ? "len of nil pointer"
                                                 : "len of type " + std::string(TypeName(value)));
  }
  call.result = TemplateValue::Int(static_cast<int64_t>(length));
  return true;
}

bool Index(Call& call) {
  TemplateValue value = call.args[0];
  for (const TemplateValue& at : call.args.subspan(1)) {
    if (value.kind == Kind::kMap || value.kind == Kind::kLabels) {
      if (at.kind != Kind::kString) {
        return Refuse(call, "value has type " + std::string(TypeName(at)) + "; should be string");
      }
      const TemplateValue* member = value.map == nullptr ? nullptr : value.map->Find(at.text);
      value = member != nullptr             ? *member
              : value.kind == Kind::kLabels ? TemplateValue::String("")
                                            : TemplateValue();
      continue;
    }
    if (value.kind != Kind::kString && value.kind != Kind::kList) {
      return Refuse(call, value.kind == Kind::kNil
                              ? "index of untyped nil"
                              : "can't index item of type " + std::string(TypeName(value)));
    }
    if (!at.IsInteger()) {
      return Refuse(call, "cannot index slice/array with type " + std::string(TypeName(at)));
    }
    const bool string = value.kind == Kind::kString;
    const size_t size = string ? value.text.size() : value.list->items.size();
    if (at.integer < 0 || static_cast<size_t>(at.integer) >= size) {
      return Refuse(call, string ? "reflect: string index out of range"
                                 : "reflect: slice index out of range");
    }
    const auto i = static_cast<size_t>(at.integer);
    value = string ? TemplateValue::Int(static_cast<unsigned char>(value.text[i]), Kind::kByte)
                   : TemplateValue(value.list->items[i]);
  }
  call.result = value;
  return true;
}

bool Slice(Call& call) {
  const TemplateValue& value = call.args[0];
  if (value.kind != Kind::kString && value.kind != Kind::kList) {
    return Refuse(call, "can't slice item of type " + std::string(TypeName(value)));
  }
  const bool string = value.kind == Kind::kString;
  const auto size = static_cast<int64_t>(string ? value.text.size() : value.list->items.size());
  int64_t bounds[2] = {0, size};
  for (size_t b = 0; b < 2 && b + 1 < call.args.size(); ++b) {
    const TemplateValue& at = call.args[b + 1];
    if (!at.IsInteger()) {
      return Refuse(call, "cannot index slice/array with type " + std::string(TypeName(at)));
    }
    if (at.integer < 0 || at.integer > size) {
      return Refuse(call, "index out of range: " + std::to_string(at.integer));
    }
    bounds[b] = at.integer;
  }
  if (bounds[0] > bounds[1]) {
    return Refuse(call, "invalid slice index: " + std::to_string(bounds[0]) + " > " +
                            std::to_string(bounds[1]));
  }
  if (string) {
    call.result = TemplateValue::String(value.text.substr(
        static_cast<size_t>(bounds[0]), static_cast<size_t>(bounds[1] - bounds[0])));
    return true;
  }
  TemplateList& list = call.heap.lists.emplace_back();
  list.items.assign(value.list->items.begin() + bounds[0], value.list->items.begin() + bounds[1]);
  call.result.kind = Kind::kList;
  call.result.list = &list;
  return true;
}

bool Print(Call& call) {
  std::string text;
  AppendPrint(text, call.args);
  return Give(call, text);
}
bool Println(Call& call) {
  std::string text;
  AppendPrintln(text, call.args);
  return Give(call, text);
}
bool Printf(Call& call) {
  if (call.args[0].kind != Kind::kString) return Refuse(call, "the format is no string");
  std::string text;
  AppendPrintf(text, call.args[0].text, call.args.subspan(1));
  return Give(call, text);
}

bool Default(Call& call) {
  const bool given = call.args.size() > 1 && IsTruth(call.args[1]);
  call.result = call.args[given ? 1 : 0];
  return true;
}

TemplateValue FromJson(const nlohmann::json& json, TemplateHeap& heap) {
  TemplateValue value;
  if (json.is_boolean()) return TemplateValue::Bool(json.get<bool>());
  if (json.is_number()) return TemplateValue::Float(json.get<double>());
  if (json.is_string()) {
    return TemplateValue::String(heap.texts.Copy(json.get_ref<const std::string&>()));
  }
  if (json.is_array()) {
    TemplateList list;
    for (const nlohmann::json& item : json) list.items.push_back(FromJson(item, heap));
    value.kind = Kind::kList;
    value.list = &heap.lists.emplace_back(std::move(list));
  } else if (json.is_object()) {
    TemplateMap map;
    for (const auto& [name, member] : json.items()) {
      map.members.emplace_back(heap.texts.Copy(name), FromJson(member, heap));
    }
    value.kind = Kind::kMap;
    value.map = &heap.maps.emplace_back(std::move(map));
  }
  return value;
}

// Whether the brackets nest no deeper than the conversion may recurse.
bool IsShallow(std::string_view json) {
  int depth = 0;
  return std::all_of(json.begin(), json.end(), [&](char c) {
    depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
    return depth < 100;
  });
}

bool FromJsonText(Call& call) {
  const std::string_view text = call.args[0].text;
  if (IsShallow(text)) {
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    call.result = json.is_discarded() ? TemplateValue() : FromJson(json, call.heap);
  }
  return true;
}

}  // namespace

std::string_view TypeName(TemplateType type) {
  switch (type) {
    case Type::kAny:
      return "interface {}";
    case Type::kBool:
      return "bool";
    case Type::kInt:
      return "int";
    case Type::kFloat:
      return "float64";
    case Type::kString:
      return "string";
    case Type::kTime:
      return "time.Time";
  }
  return "";
}

std::span<const TemplateFunction> BasicTemplateFunctions() {
  static const std::vector<TemplateFunction> table = {
      {"__line__", {}, false, Line},
      {"and", {Type::kAny, Type::kAny}, true, Logical},
      {"or", {Type::kAny, Type::kAny}, true, Logical},
      {"not", {Type::kAny}, false, Not},
      {"eq", {Type::kAny, Type::kAny}, true, Equal},
      {"ne", {Type::kAny, Type::kAny}, false, NotEqual},
      {"lt", {Type::kAny, Type::kAny}, false, Less},
      {"le", {Type::kAny, Type::kAny}, false, LessEqual},
      {"gt", {Type::kAny, Type::kAny}, false, Greater},
      {"ge", {Type::kAny, Type::kAny}, false, GreaterEqual},
      {"len", {Type::kAny}, false, Length},
      {"index", {Type::kAny, Type::kAny}, true, Index},
      {"slice", {Type::kAny, Type::kAny}, true, Slice},
      {"print", {Type::kAny}, true, Print},
      {"println", {Type::kAny}, true, Println},
      {"printf", {Type::kString, Type::kAny}, true, Printf},
      {"default", {Type::kAny, Type::kAny}, true, Default},
      {"fromJson", {Type::kString}, false, FromJsonText},
  };
  return table;
}

const TemplateFunction* FindTemplateFunction(std::string_view name) {
  static const auto* functions = [] {
    auto* map = new ViewMap<const TemplateFunction*>();
    for (const auto table : {BasicTemplateFunctions(), StringTemplateFunctions(),
                             NumberTemplateFunctions(), TimeTemplateFunctions()}) {
      for (const TemplateFunction& function : table) (*map)[function.name] = &function;
    }
    return map;
  }();
  const auto found = functions->find(name);
  return found == functions->end() ? nullptr : found->second;
}

}  // namespace skald::logql
