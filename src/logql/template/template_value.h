#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logql/stages/text_arena.h"
#include "logql/template/go_time.h"

namespace skald::logql {

struct TemplateList;
struct TemplateMap;

// A value in a template while it runs.
//
// Ownership: texts, lists and maps are borrowed: from the template, its input, or a TemplateHeap.
struct TemplateValue {
  enum class Kind : uint8_t {
    kNil,
    kBool,
    kInt,    // Go's int: literals, lengths.
    kInt64,  // Results of arithmetic.
    kByte,   // An element of a string.
    kFloat,
    kString,
    kTime,
    kList,
    kMap,
    kLabels,  // All labels of the row: the dot that a template starts with.
  };

  Kind kind = Kind::kNil;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0;
  std::string_view text;
  GoTime time;
  const TemplateList* list = nullptr;
  const TemplateMap* map = nullptr;  // Of kMap and kLabels; of the latter it may be null.

  static TemplateValue Bool(bool value) {
    TemplateValue v;
    v.kind = Kind::kBool;
    v.boolean = value;
    return v;
  }
  static TemplateValue Int(int64_t value, Kind kind = Kind::kInt) {
    TemplateValue v;
    v.kind = kind;
    v.integer = value;
    return v;
  }
  static TemplateValue Float(double value) {
    TemplateValue v;
    v.kind = Kind::kFloat;
    v.number = value;
    return v;
  }
  static TemplateValue String(std::string_view value) {
    TemplateValue v;
    v.kind = Kind::kString;
    v.text = value;
    return v;
  }
  static TemplateValue Time(const GoTime& value) {
    TemplateValue v;
    v.kind = Kind::kTime;
    v.time = value;
    return v;
  }

  bool IsInteger() const {
    return kind == Kind::kInt || kind == Kind::kInt64 || kind == Kind::kByte;
  }
};

struct TemplateList {
  std::vector<TemplateValue> items;
};

struct TemplateMap {
  std::vector<std::pair<std::string_view, TemplateValue>> members;  // Sorted by name.

  // Null if there is no such member.
  const TemplateValue* Find(std::string_view name) const;
};

// What a run of a template makes on its way.
struct TemplateHeap {
  TextArena texts;
  std::deque<TemplateList> lists;
  std::deque<TemplateMap> maps;

  void Clear() {
    texts.Clear();
    lists.clear();
    maps.clear();
  }
};

// The type's name in Go's words: "string", "map[string]interface {}".
std::string_view TypeName(const TemplateValue& value);
// Whether the value counts as true: it is neither zero nor empty.
bool IsTruth(const TemplateValue& value);
// Appends the value as Go's %v.
void AppendValue(std::string& out, const TemplateValue& value);

}  // namespace skald::logql
