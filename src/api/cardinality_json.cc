#include "api/cardinality_json.h"

#include <string_view>
#include <vector>

#include "common/json_fields.h"
#include "wire/result_json.h"

namespace skald::api {
namespace {

void AppendAmount(const querier::StreamAmount& amount, JsonWriter& json) {
  AppendNumber("streams", amount.streams, json);
  AppendNumber("entries", amount.entries, json);
  AppendNumber("bytes", amount.bytes, json);
}

void AppendItem(const querier::LabelNameUse& use, JsonWriter& json) {
  AppendText("name", use.name, json);
  AppendNumber("values", use.values, json);
  AppendAmount(use.amount, json);
}

void AppendItem(const querier::LabelValueUse& use, JsonWriter& json) {
  AppendText("name", use.name, json);
  AppendText("value", use.value, json);
  AppendAmount(use.amount, json);
}

void AppendItem(const rpc::StreamSize& stream, JsonWriter& json) {
  std::string labels;
  wire::AppendLabels(*stream.labels, labels);
  json.Key("labels");
  json.Raw(labels);
  AppendNumber("entries", stream.entries, json);
  AppendNumber("bytes", stream.bytes, json);
}

template <typename Item>
void AppendList(std::string_view name, const std::vector<Item>& items, JsonWriter& json) {
  json.Key(name);
  json.BeginArray();
  for (const Item& item : items) {
    json.BeginObject();
    AppendItem(item, json);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

void AppendCardinality(const querier::Cardinality& cardinality, std::string& out) {
  JsonWriter json(out);
  json.BeginObject();
  AppendText("status", "success", json);
  json.Key("data");
  json.BeginObject();
  AppendAmount(cardinality.total, json);
  AppendNumber("label_names", cardinality.names, json);
  AppendNumber("label_values", cardinality.values, json);
  AppendList("names_by_values", cardinality.names_by_values, json);
  AppendList("names_by_bytes", cardinality.names_by_bytes, json);
  AppendList("values_by_streams", cardinality.values_by_streams, json);
  AppendList("values_by_bytes", cardinality.values_by_bytes, json);
  AppendList("streams_by_entries", cardinality.streams_by_entries, json);
  AppendList("streams_by_bytes", cardinality.streams_by_bytes, json);
  json.EndObject();
  json.EndObject();
  out.push_back('\n');
}

}  // namespace skald::api
