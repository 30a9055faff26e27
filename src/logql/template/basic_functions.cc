#include <nlohmann/json.hpp>
#include <string>

#include "logql/template/go_format.h"
#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;
using Kind = TemplateValue::Kind;

constexpr int kMaxJsonDepth = 100;  // Of brackets: the conversion recurses.

bool Line(Call& call) { return call.Give(TemplateValue::String(call.input.line)); }

bool Length(Call& call) {
  const TemplateValue& value = call.args[0];
  size_t length = 0;
  if (value.kind == Kind::kString) {
    length = value.text.size();
  } else if (value.kind == Kind::kList) {
    length = value.list->items.size();
  } else if (value.kind == Kind::kMap || value.kind == Kind::kLabels) {
    length = value.map == nullptr ? 0 : value.map->members.size();
  } else {
    return call.Fail(value.kind == Kind::kNil ? "reflect: call of reflect.Value.Type on zero Value"
                                              : "len of type " + std::string(TypeName(value)));
  }
  return call.Give(TemplateValue::Int(static_cast<int64_t>(length)));
}

// Reads the place in a text or list of `size`, which may be one behind the last.
bool ReadPlace(Call& call, const TemplateValue& at, size_t size, size_t& place) {
  if (!at.IsInteger()) {
    return call.Fail(at.kind == Kind::kNil
                         ? "cannot index slice/array with nil"
                         : "cannot index slice/array with type " + std::string(TypeName(at)));
  }
  if (at.integer < 0 || static_cast<uint64_t>(at.integer) > size) {
    return call.Fail("index out of range: " + std::to_string(at.integer));
  }
  place = static_cast<size_t>(at.integer);
  return true;
}

bool ReadMember(Call& call, const TemplateValue& at, TemplateValue& value) {
  if (at.kind != Kind::kString) {
    return call.Fail(at.kind == Kind::kNil
                         ? "value is nil; should be of type string"
                         : "value has type " + std::string(TypeName(at)) + "; should be string");
  }
  const TemplateValue* member = value.map == nullptr ? nullptr : value.map->Find(at.text);
  value = member != nullptr             ? *member
          : value.kind == Kind::kLabels ? TemplateValue::String("")
                                        : TemplateValue();
  return true;
}

bool ReadElement(Call& call, const TemplateValue& at, TemplateValue& value) {
  const bool string = value.kind == Kind::kString;
  const size_t size = string ? value.text.size() : value.list->items.size();
  size_t place = 0;
  if (!ReadPlace(call, at, size, place)) {
    return false;
  }
  if (place == size) {
    return call.Fail(string ? "reflect: string index out of range"
                            : "reflect: slice index out of range");
  }
  value = string ? TemplateValue::Int(static_cast<unsigned char>(value.text[place]), Kind::kByte)
                 : TemplateValue(value.list->items[place]);
  return true;
}

// Goes from `value` to what it holds at `at`.
bool ReadAt(Call& call, const TemplateValue& at, TemplateValue& value) {
  switch (value.kind) {
    case Kind::kMap:
    case Kind::kLabels:
      return ReadMember(call, at, value);
    case Kind::kString:
    case Kind::kList:
      return ReadElement(call, at, value);
    case Kind::kNil:
      return call.Fail("index of nil pointer");
    default:
      return call.Fail("can't index item of type " + std::string(TypeName(value)));
  }
}

bool Index(Call& call) {
  TemplateValue value = call.args[0];
  if (value.kind == Kind::kNil) {
    return call.Fail("index of untyped nil");
  }
  for (const TemplateValue& at : call.args.subspan(1)) {
    if (!ReadAt(call, at, value)) {
      return false;
    }
  }
  return call.Give(value);
}

bool Slice(Call& call) {
  const TemplateValue& value = call.args[0];
  const std::span<const TemplateValue> places = call.args.subspan(1);
  if (value.kind == Kind::kNil) {
    return call.Fail("slice of untyped nil");
  }
  if (places.size() > 3) {
    return call.Fail("too many slice indexes: " + std::to_string(places.size()));
  }
  const bool string = value.kind == Kind::kString;
  if (!string && value.kind != Kind::kList) {
    return call.Fail("can't slice item of type " + std::string(TypeName(value)));
  }
  if (string && places.size() == 3) {
    return call.Fail("cannot 3-index slice a string");
  }
  const size_t size = string ? value.text.size() : value.list->items.size();
  size_t bounds[3] = {0, size, size};
  for (size_t b = 0; b < places.size(); ++b) {
    if (!ReadPlace(call, places[b], size, bounds[b])) {
      return false;
    }
  }
  for (size_t b = 0; b < 2; ++b) {
    if (bounds[b] > bounds[b + 1]) {
      return call.Fail("invalid slice index: " + std::to_string(bounds[b]) + " > " +
                       std::to_string(bounds[b + 1]));
    }
  }
  if (string) {
    return call.Give(TemplateValue::String(value.text.substr(bounds[0], bounds[1] - bounds[0])));
  }
  if (!call.heap.Charge((bounds[1] - bounds[0]) * sizeof(TemplateValue))) {
    return call.Fail("the template uses too much memory");
  }
  TemplateList& list = call.heap.lists.emplace_back();
  list.items.assign(value.list->items.begin() + static_cast<std::ptrdiff_t>(bounds[0]),
                    value.list->items.begin() + static_cast<std::ptrdiff_t>(bounds[1]));
  return call.Give(TemplateValue::List(list));
}

bool Print(Call& call) {
  std::string text;
  AppendPrint(text, call.args, kMaxTemplateTextBytes);
  return call.GiveText(text);
}
bool Println(Call& call) {
  std::string text;
  AppendPrintln(text, call.args, kMaxTemplateTextBytes);
  return call.GiveText(text);
}
bool Printf(Call& call) {
  std::string text;
  AppendPrintf(text, call.text(0), call.args.subspan(1), kMaxTemplateTextBytes);
  return call.GiveText(text);
}

// No value here is a function.
bool CallFunction(Call& call) {
  const TemplateValue& value = call.args[0];
  if (value.kind == Kind::kNil) {
    return call.Fail("call of nil");
  }
  const std::string type(TypeName(value));
  std::string callee = call.callee;
  if (callee.empty()) {
    callee = value.kind == Kind::kString ? std::string(value.text) : "<" + type + " Value>";
  }
  return call.Fail("non-function " + callee + " of type " + type);
}

bool Default(Call& call) {
  const bool given = call.args.size() > 1 && IsTruth(call.args[1]);
  return call.Give(call.args[given ? 1 : 0]);
}

// Nothing once there is no more memory to be had.
TemplateValue FromJson(const nlohmann::json& json, TemplateHeap& heap) {
  if (json.is_boolean()) {
    return TemplateValue::Bool(json.get<bool>());
  }
  if (json.is_number()) {
    return TemplateValue::Float(json.get<double>());
  }
  if (json.is_string()) {
    return TemplateValue::String(heap.texts.Copy(json.get_ref<const std::string&>()));
  }
  if (json.is_null() || !heap.Charge(json.size() * sizeof(TemplateMap::Member))) {
    return TemplateValue();
  }
  if (json.is_array()) {
    TemplateList list;
    for (const nlohmann::json& item : json) {
      list.items.push_back(FromJson(item, heap));
    }
    return TemplateValue::List(heap.lists.emplace_back(std::move(list)));
  }
  TemplateMap map;
  for (const auto& [name, member] : json.items()) {
    map.members.emplace_back(heap.texts.Copy(name), FromJson(member, heap));
  }
  return TemplateValue::Map(heap.maps.emplace_back(std::move(map)));
}

// Whether the brackets nest no deeper than the conversion may recurse.
bool IsShallow(std::string_view json) {
  int depth = 0;
  for (const char c : json) {
    depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
    if (depth > kMaxJsonDepth) {
      return false;
    }
  }
  return true;
}

// Compat: what is no JSON gives nothing.
bool FromJsonText(Call& call) {
  const std::string_view text = call.text(0);
  if (!IsShallow(text) || !call.heap.Charge(text.size())) {
    return true;
  }
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  return call.Give(json.is_discarded() ? TemplateValue() : FromJson(json, call.heap));
}

}  // namespace

std::span<const TemplateFunction> BasicTemplateFunctions() {
  static const std::vector<TemplateFunction> table = {
      {"__line__", {}, false, Line},
      {"len", {Type::kAny}, false, Length},
      {"index", {Type::kAny, Type::kAny}, true, Index},
      {"slice", {Type::kAny, Type::kAny}, true, Slice},
      {"print", {Type::kAny}, true, Print},
      {"println", {Type::kAny}, true, Println},
      {"printf", {Type::kString, Type::kAny}, true, Printf},
      {"call", {Type::kAny, Type::kAny}, true, CallFunction},
      {"default", {Type::kAny, Type::kAny}, true, Default},
      {"fromJson", {Type::kString}, false, FromJsonText},
  };
  return table;
}

}  // namespace skald::logql
