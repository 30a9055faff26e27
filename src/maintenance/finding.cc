#include "maintenance/finding.h"

#include <string_view>

namespace skald::maintenance {
namespace {

std::string_view SeverityName(Finding::Severity severity) {
  return severity == Finding::Severity::kFault ? "fault" : "note";
}

}  // namespace

std::string Finding::ToLine() const {
  std::string line(SeverityName(severity));
  line.append(": ").append(file);
  if (offset) line.append(": offset ").append(std::to_string(*offset));
  if (chunk) line.append(": chunk ").append(std::to_string(*chunk));
  if (!stream.empty()) line.append(": ").append(stream);
  return line.append(": ").append(what);
}

void Finding::AppendJson(JsonWriter& json) const {
  json.BeginObject();
  json.Key("severity");
  json.String(SeverityName(severity));
  json.Key("file");
  json.String(file);
  if (offset) {
    json.Key("offset");
    json.Uint(*offset);
  }
  if (chunk) {
    json.Key("chunk");
    json.Uint(*chunk);
  }
  if (!stream.empty()) {
    json.Key("stream");
    json.String(stream);
  }
  json.Key("what");
  json.String(what);
  json.EndObject();
}

void AppendFindings(std::span<const Finding> findings, JsonWriter& json) {
  json.Key("findings");
  json.BeginArray();
  for (const Finding& finding : findings) finding.AppendJson(json);
  json.EndArray();
}

}  // namespace skald::maintenance
