#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/json_writer.h"

namespace skald::maintenance {

// What is shown to people as aligned columns and to programs as a list of objects.
//
// Threads: a value.
struct Table {
  // The last is a number of nothing: `-`, in JSON null.
  using Cell = std::variant<std::string, uint64_t, double, std::monostate>;

  std::string name;                  // A JSON key: "packs".
  std::vector<std::string> columns;  // As well: "line_bytes".
  std::vector<std::vector<Cell>> rows;

  // The name, a line of column names, and a line a row; numbers to the right.
  void AppendText(std::string& out) const;
  // An array with an object a row.
  void AppendJson(JsonWriter& json) const;
};

// `part` of `whole`; 0 of nothing.
double Ratio(uint64_t part, uint64_t whole);

// 2026-11-28T20:01:55Z, of nanoseconds since the epoch.
std::string TimeText(int64_t time_ns);

}  // namespace skald::maintenance
