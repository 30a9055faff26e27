#include "logql/stages/unpack_stage.h"

#include <string>

#include "logql/stages/json_text.h"
#include "logql/stages/text_scan.h"

namespace skald::logql {
namespace {

constexpr std::string_view kEntryMember = "_entry";
constexpr std::string_view kNoObject = "expecting json object(6), but it is not";

// Calls member(name, value) for every member; both are as in the text.
template <typename F>
JsonError ForEachMember(const char* p, const char* end, F&& member) {
  for (;;) {
    p = SkipJsonSpace(p, end);
    if (p == end) {
      return JsonError::kObject;
    }
    if (*p == '}') {
      return JsonError::kNone;
    }
    if (*p != '"') {
      return JsonError::kObject;
    }
    JsonValue name;
    p = ReadJsonString(p + 1, end, name);
    if (p == nullptr) {
      return JsonError::kJson;
    }
    p = SkipJsonSpace(p, end);
    if (p == end || *p != ':') {
      return JsonError::kJson;
    }
    JsonValue value;
    const JsonError error = ReadJsonValue(p + 1, end, value, p);
    if (error != JsonError::kNone) {
      return error;
    }
    member(name, value);
    p = SkipJsonSpace(p, end);
    if (p != end && *p == ',') {
      ++p;
    } else if (p == end || *p != '}') {
      return JsonError::kObject;
    }
  }
}

}  // namespace

void UnpackStage::Run(RowSlice& rows) {
  for (const uint16_t i : rows.active()) {
    RunRow(rows, i);
  }
}

void UnpackStage::RunRow(RowSlice& rows, size_t i) {
  const std::string_view line = rows.Line(i);
  if (line.empty()) {
    return;
  }
  const char* const end = line.data() + line.size();
  const char* const p = SkipJsonSpace(line.data(), end);
  if (p == end || *p != '{') {
    labels_.SetError(i, kJsonParserError, kNoObject);
    return;
  }
  members_.clear();
  bool packed = false;
  std::string_view entry;
  const JsonError error =
      ForEachMember(p + 1, end, [&](const JsonValue& name, const JsonValue& value) {
        if (value.type != JsonType::kString) {
          return;
        }
        if (name.text == kEntryMember) {
          packed = true;
          entry = value.text;
          if (value.escaped) {
            UnescapeJson(value.text, rows.arena(), entry);
          }
          return;
        }
        members_.emplace_back(JsonLabelText(name, rows.arena()),
                              JsonLabelText(value, rows.arena()));
      });
  if (error != JsonError::kNone) {
    labels_.SetError(i, kJsonParserError, JsonErrorText(error));
    return;
  }
  if (!packed) {
    return;
  }
  std::string label;
  for (const auto& [name, value] : members_) {
    label.clear();
    AppendLabelName(label, name, true);
    if (!label.empty() && (needs_.Wants(label) || needs_.Wants(label + "_extracted"))) {
      labels_.AddParsed(labels_.InternParsed(label), i, value);
    }
  }
  rows.ReplaceLine(i, entry);
}

}  // namespace skald::logql
