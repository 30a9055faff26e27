#include "notify/alert.h"

#include "common/json_writer.h"
#include "net/http_types.h"
#include "wire/rfc3339.h"

namespace skald::notify {
namespace {

void WriteLabels(JsonWriter& json, std::string_view key, const model::Labels& labels) {
  json.Key(key);
  json.BeginObject();
  for (const model::LabelView& label : labels) {
    json.Key(label.name);
    json.String(label.value);
  }
  json.EndObject();
}

void WriteTime(JsonWriter& json, std::string_view key, int64_t time_ns) {
  std::string text;
  wire::AppendRfc3339Nano(text, time_ns);
  json.Key(key);
  json.String(text);
}

std::string WithPath(std::string_view url, std::string_view path) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url).append(path);
}

}  // namespace

void AppendAlertsJson(std::string& out, std::span<const Alert> alerts) {
  JsonWriter json(out);
  json.BeginArray();
  for (const Alert& alert : alerts) {
    json.BeginObject();
    WriteLabels(json, "labels", alert.labels);
    WriteLabels(json, "annotations", alert.annotations);
    WriteTime(json, "startsAt", alert.starts_at);
    WriteTime(json, "endsAt", alert.ends_at);
    json.Key("generatorURL");
    json.String(alert.generator_url);
    json.EndObject();
  }
  json.EndArray();
}

std::string ExploreUrl(std::string_view external_url, std::string_view datasource_uid,
                       std::string_view expression) {
  std::string state;
  JsonWriter json(state);
  json.BeginObject();
  json.Key("queries");
  json.BeginArray();
  json.BeginObject();
  json.Key("expr");
  json.String(expression);
  json.Key("queryType");
  json.String("range");
  if (!datasource_uid.empty()) {
    json.Key("datasource");
    json.BeginObject();
    json.Key("type");
    json.String("loki");
    json.Key("uid");
    json.String(datasource_uid);
    json.EndObject();
  }
  json.EndObject();
  json.EndArray();
  json.EndObject();
  return WithPath(external_url, "/explore?left=") + net::EncodeUrlComponent(state);
}

std::string PageUrl(std::string_view page_url, std::string_view expression) {
  return WithPath(page_url, "/?query=") + net::EncodeUrlComponent(expression);
}

}  // namespace skald::notify
