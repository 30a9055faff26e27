#include "api/field_stats_json.h"

#include <cmath>
#include <string_view>

#include "common/json_writer.h"
#include "wire/stats_json.h"

namespace skald::api {
namespace {

std::string_view SourceName(const logql::FieldStats& field) {
  if (!field.source.has_value()) {
    return "none";
  }
  switch (*field.source) {
    case logql::LabelCategory::kStream:
      return "label";
    case logql::LabelCategory::kMetadata:
      return "structured_metadata";
    case logql::LabelCategory::kParsed:
      return "parsed";
  }
  return "";
}

void AppendCount(std::string_view key, uint64_t value, JsonWriter& json) {
  json.Key(key);
  json.Uint(value);
}

// Null if there is no such number: sums may be too large for one.
void AppendNumber(std::string_view key, double value, JsonWriter& json) {
  json.Key(key);
  if (std::isfinite(value)) {
    json.Double(value);
  } else {
    json.Null();
  }
}

void AppendShare(uint64_t part, uint64_t whole, JsonWriter& json) {
  AppendNumber("share", whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole),
               json);
}

void AppendValues(const logql::FieldStats& field, JsonWriter& json) {
  json.Key("values");
  json.BeginArray();
  for (const logql::FieldValue& value : field.values) {
    json.BeginObject();
    json.Key("value");
    json.String(value.value);
    if (value.cut) {
      json.Key("cut");
      json.Bool(true);
    }
    AppendCount("count", value.count, json);
    AppendShare(value.count, field.present, json);
    json.EndObject();
  }
  json.EndArray();
}

void AppendNumbers(const logql::FieldNumbers& numbers, JsonWriter& json) {
  const logql::NumberSummary& summary = numbers.summary;
  json.Key("numeric");
  json.BeginObject();
  if (const std::string_view unit = logql::QuantityUnit(numbers.kind); !unit.empty()) {
    json.Key("unit");
    json.String(unit);
  }
  AppendCount("count", summary.count, json);
  AppendNumber("min", summary.min, json);
  AppendNumber("max", summary.max, json);
  AppendNumber("avg", summary.average, json);
  json.Key("quantiles");
  json.BeginObject();
  AppendNumber("0.5", summary.p50, json);
  AppendNumber("0.9", summary.p90, json);
  AppendNumber("0.99", summary.p99, json);
  json.EndObject();
  json.EndObject();
}

void AppendField(const logql::FieldStats& field, uint64_t lines, JsonWriter& json) {
  json.BeginObject();
  json.Key("name");
  json.String(field.name);
  json.Key("source");
  json.String(SourceName(field));
  AppendCount("present", field.present, json);
  AppendShare(field.present, lines, json);
  AppendCount("distinct", field.distinct, json);
  json.Key("approximate");
  json.Bool(field.approximate);
  if (field.count_error > 0) {
    AppendCount("count_error", field.count_error, json);
  }
  AppendValues(field, json);
  if (field.numbers.has_value()) {
    AppendNumbers(*field.numbers, json);
  }
  json.EndObject();
}

}  // namespace

void AppendFieldStatsResponse(const querier::FieldStatsAnswer& answer,
                              const model::ScanStats& stats, std::string& out) {
  JsonWriter json(out);
  json.BeginObject();
  json.Key("status");
  json.String("success");
  if (!answer.warnings.empty()) {
    json.Key("warnings");
    json.BeginArray();
    for (const std::string& warning : answer.warnings) {
      json.String(warning);
    }
    json.EndArray();
  }
  json.Key("data");
  json.BeginObject();
  AppendCount("lines", answer.stats.lines, json);
  json.Key("fields");
  json.BeginArray();
  for (const logql::FieldStats& field : answer.stats.fields) {
    AppendField(field, answer.stats.lines, json);
  }
  json.EndArray();
  json.Key("more_fields");
  json.Bool(answer.stats.more_fields);
  json.Key("stats");
  std::string stats_json;
  wire::AppendStats(answer.summary, stats, stats_json);
  json.Raw(stats_json);
  json.EndObject();
  json.EndObject();
  out.push_back('\n');
}

}  // namespace skald::api
