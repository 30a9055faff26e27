#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logql/stages/text_arena.h"
#include "logql/template/go_time.h"
#include "logql/template/regex_cache.h"

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
    kDuration,  // Go's time.Duration: nanoseconds in `integer`.
    kMonth,     // Go's time.Month: 1 is January.
    kWeekday,   // Go's time.Weekday: 0 is Sunday.
    kLocation,  // Go's *time.Location: where `time` is.
    kList,
    kMap,
    kLabels,  // All labels of the row: the dot that a template starts with.
  };

  Kind kind = Kind::kNil;
  bool boolean = false;
  bool boxed = false;    // Taken out of JSON, where Go only knows the type `interface {}`.
  bool pointer = false;  // Of a duration: a pointer to it, as the functions of rules give.
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

  static TemplateValue Duration(int64_t nanoseconds) { return Int(nanoseconds, Kind::kDuration); }
  static TemplateValue List(const TemplateList& value) {
    TemplateValue v;
    v.kind = Kind::kList;
    v.list = &value;
    return v;
  }
  static TemplateValue Map(const TemplateMap& value) {
    TemplateValue v;
    v.kind = Kind::kMap;
    v.map = &value;
    return v;
  }

  static TemplateValue Location(const GoTime& where) {
    TemplateValue v;
    v.kind = Kind::kLocation;
    v.time = where;
    return v;
  }

  // Whether Go counts it among the integers, whatever it calls the type.
  bool IsInteger() const {
    return kind == Kind::kInt || kind == Kind::kInt64 || kind == Kind::kByte ||
           kind == Kind::kMonth || kind == Kind::kWeekday || (kind == Kind::kDuration && !pointer);
  }
};

struct TemplateList {
  std::vector<TemplateValue> items;
};

struct TemplateMap {
  using Member = std::pair<std::string_view, TemplateValue>;
  std::vector<Member> members;  // Sorted by name.

  // Null if there is no such member.
  const TemplateValue* Find(std::string_view name) const;
};

// What a run of a template makes on its way.
//
// Cost: kMaxBytes at most, for whoever charges what is made.
struct TemplateHeap {
  static constexpr size_t kMaxBytes = 64 << 20;  // Several texts of the greatest length.

  TextArena texts;
  std::deque<TemplateList> lists;
  std::deque<TemplateMap> maps;
  RegexCache regexes;  // Kept from run to run.
  size_t charged = 0;

  // Whether there is memory for so much more.
  bool Charge(size_t bytes) {
    charged += bytes;
    return charged <= kMaxBytes;
  }
  void Clear() {
    texts.Clear();
    lists.clear();
    maps.clear();
    charged = 0;
  }
};

// The type's name in Go's words: "string", "map[string]interface {}".
std::string_view TypeName(const TemplateValue& value);
// Whether the value counts as true: it is neither zero nor empty.
bool IsTruth(const TemplateValue& value);
// Appends the value as Go's %v.
void AppendValue(std::string& out, const TemplateValue& value);

}  // namespace skald::logql
