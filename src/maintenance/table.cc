#include "maintenance/table.h"

#include <algorithm>
#include <cstdio>

#include "common/civil_time.h"

namespace skald::maintenance {
namespace {

std::string CellText(const Table::Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* number = std::get_if<uint64_t>(&cell)) return std::to_string(*number);
  if (std::holds_alternative<std::monostate>(cell)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", std::get<double>(cell));
  return text;
}

void AppendPadded(const std::string& text, size_t width, bool right, std::string& line) {
  const size_t padding = width - std::min(width, text.size());
  if (right) line.append(padding, ' ');
  line.append(text);
  if (!right) line.append(padding, ' ');
}

}  // namespace

void Table::AppendText(std::string& out) const {
  std::vector<std::vector<std::string>> lines = {columns};
  for (const std::vector<Cell>& row : rows) {
    std::vector<std::string>& line = lines.emplace_back();
    for (const Cell& cell : row) line.push_back(CellText(cell));
  }
  std::vector<size_t> widths(columns.size(), 0);
  for (const std::vector<std::string>& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  out.append(name).append("\n");
  for (const std::vector<std::string>& cells : lines) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      const bool number = !rows.empty() && !std::holds_alternative<std::string>(rows[0][i]);
      line.append("  ");
      AppendPadded(cells[i], widths[i], number, line);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out.append(line).append("\n");
  }
}

void Table::AppendJson(JsonWriter& json) const {
  json.BeginArray();
  for (const std::vector<Cell>& row : rows) {
    json.BeginObject();
    for (size_t i = 0; i < row.size(); ++i) {
      json.Key(columns[i]);
      if (const auto* text = std::get_if<std::string>(&row[i])) {
        json.String(*text);
      } else if (const auto* number = std::get_if<uint64_t>(&row[i])) {
        json.Uint(*number);
      } else if (const auto* fraction = std::get_if<double>(&row[i])) {
        json.Double(*fraction);
      } else {
        json.Null();
      }
    }
    json.EndObject();
  }
  json.EndArray();
}

double Ratio(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string TimeText(int64_t time_ns) {
  const CivilTime time = ToCivilTime(time_ns);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", time.year, time.month,
                time.day, time.hour, time.minute, time.second);
  return text;
}

}  // namespace skald::maintenance
