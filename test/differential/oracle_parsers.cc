#include "differential/oracle_parsers.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "common/utf8.h"
#include "differential/oracle_json.h"
#include "differential/oracle_logfmt.h"
#include "differential/oracle_pattern.h"
#include "differential/oracle_regex.h"

namespace skald::differential {
namespace {

// What a parser's key is called as a label; "" for a key that can't be one.
std::string LabelName(std::string name) {
  const auto is_blank = [](unsigned char c) { return std::isspace(c) != 0; };
  while (!name.empty() && is_blank(name.front())) name.erase(0, 1);
  while (!name.empty() && is_blank(name.back())) name.pop_back();
  if (name.empty()) return name;
  std::string label;
  if (name[0] >= '0' && name[0] <= '9') label = "_";
  for (std::string_view rest = name; !rest.empty();) {
    const Rune rune = DecodeRune(rest);
    const char c = rest[0];
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    label += is_letter || (c >= '0' && c <= '9') ? c : '_';
    rest.remove_prefix(rune.length);
  }
  return label;
}

// Whether the stream or the metadata has a label of that name.
bool IsTaken(const Row& row, const std::string& name) {
  const auto it = row.labels.find(name);
  const bool is_metadata = it != row.labels.end() && it->second.category == Category::kMetadata;
  return row.stream.contains(name) || is_metadata;
}

// The first value that parsers find for a name stays; names of the stream and of the metadata are
// left to them.
void Extract(Row& row, std::string name, std::string value) {
  if (name.empty()) return;
  if (IsTaken(row, name)) name += "_extracted";
  if (row.extracted.insert(name).second) row.Set(name, std::move(value));
}

// What is asked for by name is there even when it is empty, unless the row has such a label.
void ExtractWanted(Row& row, const std::string& name, const std::optional<std::string>& value) {
  if (value || !row.Find(name)) Extract(row, name, value.value_or(""));
}

bool Flatten(const JsonValue& object, const std::string& prefix, Row& row) {
  bool whole = true;
  const bool ended = ForEachMember(object, [&](const JsonValue& member, const JsonValue& value) {
    if (value.open) return whole = false;
    const std::string key = JsonText(member, '_');
    const std::string name = prefix.empty() ? key : prefix + "_" + key;
    switch (value.kind) {
      case JsonValue::Kind::kObject:
        whole = Flatten(value, name, row);
        break;
      case JsonValue::Kind::kArray:
      case JsonValue::Kind::kNull:
        break;
      default:
        Extract(row, LabelName(name), JsonText(value));
    }
    return whole;
  });
  return ended && whole;
}

// A line whose last bracket is missing is read as far as it goes.
JsonValue WholeLine(const std::string& line, size_t begin) {
  return {.kind = line[begin] == '[' ? JsonValue::Kind::kArray : JsonValue::Kind::kObject,
          .raw = std::string_view(line).substr(begin)};
}

struct PathStep {
  bool is_index = false;
  std::string key;
  size_t index = 0;
};

// `a.b[0]["c d"]`.
std::vector<PathStep> ParsePath(const std::string& text) {
  static const RE2 kStep(R"(\.?([a-zA-Z_][a-zA-Z0-9_]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\])");
  std::vector<PathStep> steps;
  re2::StringPiece rest(text);
  std::string name, index, quoted;
  while (RE2::Consume(&rest, kStep, &name, &index, &quoted)) {
    PathStep& step = steps.emplace_back();
    step.is_index = !index.empty();
    if (step.is_index) {
      step.index = std::stoul(index);
    } else {
      step.key = quoted.empty() ? name : JsonText({JsonValue::Kind::kString, quoted});
    }
  }
  return steps;
}

std::optional<JsonValue> Walk(const JsonValue& from, const std::vector<PathStep>& path) {
  std::optional<JsonValue> at = from;
  for (const PathStep& step : path) {
    std::optional<JsonValue> next;
    if (step.is_index && at->kind == JsonValue::Kind::kArray) {
      const auto elements = Elements(*at);
      if (step.index < elements.size()) next = elements[step.index];
    } else if (!step.is_index && at->kind == JsonValue::Kind::kObject) {
      ForEachMember(*at, [&](const JsonValue& key, const JsonValue& value) {
        if (JsonBytes(key) == step.key) next = value;
        return !next;
      });
    }
    if (!next) return std::nullopt;
    at = next;
  }
  return at->open ? std::nullopt : at;
}

}  // namespace

void Apply(const logql::JsonParser& stage, Row& row) {
  const std::string line = row.line;
  // Compat: with expressions a blank in front is an error.
  const size_t begin = stage.extractions.empty() ? line.find_first_not_of(" \t\r\n") : 0;
  const char first = begin < line.size() ? line[begin] : '\0';
  if (stage.extractions.empty()) {
    if (first != '{' || !Flatten(WholeLine(line, begin), "", row))
      row.SetParserError("JSONParserErr");
    return;
  }
  if (first != '{' && first != '[' && first != '"') {
    // Compat: without details.
    if (row.parser_errors == ParserErrors::kCount) row.Set(kErrorLabel, "JSONParserErr");
    return;
  }
  for (const logql::Extraction& wanted : stage.extractions) {
    std::optional<JsonValue> value;
    if (first != '"') value = Walk(WholeLine(line, begin), ParsePath(wanted.expression));
    const bool is_null = value && value->kind == JsonValue::Kind::kNull;
    ExtractWanted(row, wanted.name,
                  value ? std::optional(is_null ? "" : JsonText(*value)) : std::nullopt);
  }
}

void Apply(const logql::LogfmtParser& stage, Row& row) {
  const Logfmt logfmt = ReadLogfmt(row.line, stage.strict);
  if (stage.extractions.empty()) {
    for (const auto& [key, value] : logfmt.pairs) {
      if (!value.empty() || stage.keep_empty) Extract(row, LabelName(key), value);
    }
  } else {
    for (const logql::Extraction& wanted : stage.extractions) {
      std::optional<std::string> value;  // Compat: the last one, or the first if it is renamed.
      for (const auto& [key, text] : logfmt.pairs) {
        if (key == wanted.expression && !(value && IsTaken(row, wanted.name))) value = text;
      }
      ExtractWanted(row, wanted.name, value);
    }
  }
  if (logfmt.broken && stage.strict) row.SetParserError("LogfmtParserErr");
}

void Apply(const logql::RegexpParser& stage, Row& row) {
  const auto regex = RegexOf(stage.pattern);
  std::vector<std::pair<int, int>> groups;
  if (!regex->Find(row.line, 0, groups)) return;
  for (size_t i = 1; i < groups.size(); ++i) {
    const auto [begin, end] = groups[i];
    const std::string value = begin < 0 ? "" : row.line.substr(begin, end - begin);
    Extract(row, regex->group_names()[i], value);
  }
}

void Apply(const logql::PatternParser& stage, Row& row) {
  for (auto& [name, value] : CapturePattern(stage.pattern, row.line)) Extract(row, name, value);
}

void Apply(const logql::UnpackParser&, Row& row) {
  const std::string line = row.line;
  if (line.empty()) return;
  const size_t begin = line.find_first_not_of(" \t\r\n");
  std::vector<std::pair<std::string, std::string>> members;
  std::optional<std::string> packed;
  const bool whole =
      begin != std::string::npos && line[begin] == '{' &&
      ForEachMember(WholeLine(line, begin), [&](const JsonValue& member, const JsonValue& value) {
        if (value.kind != JsonValue::Kind::kString) return true;
        const std::string key = JsonText(member);
        if (key == "_entry") {
          packed = JsonBytes(value);
        } else {
          members.emplace_back(key, JsonText(value));
        }
        return true;
      });
  if (!whole) return row.SetParserError("JSONParserErr");
  if (!packed) return;
  row.line = *packed;
  for (auto& [key, value] : members) Extract(row, LabelName(key), value);
}

}  // namespace skald::differential
