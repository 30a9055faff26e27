#include "app/schema_check.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"
#include "common/duration.h"
#include "wire/rfc3339.h"

namespace skald::app {
namespace {

// One entry, of which only a part is looked at.
struct Schema {
  std::string from;
  std::string store;
  std::string object_store;
  std::string version;
  std::string row_shards;
  std::string index_prefix;
  std::string index_path_prefix;
  std::string index_period;
  ConfigNode index_tags;
  ConfigNode chunks;
};

Status Read(const ConfigNode& node, const std::string& where, Schema& out) {
  Settings settings;
  settings.Add("from", &out.from, "");
  settings.Add("store", &out.store, "");
  settings.Add("object_store", &out.object_store, "");
  settings.Add("schema", &out.version, "");
  settings.Add("row_shards", &out.row_shards, "");
  settings.Add("index.prefix", &out.index_prefix, "");
  settings.Add("index.path_prefix", &out.index_path_prefix, "");
  settings.Add("index.period", &out.index_period, "");
  settings.Add("index.tags", &out.index_tags, "");
  settings.Add("chunks", &out.chunks, "");
  std::vector<std::string> ignored;
  return settings.ReadNode(node, where, {}, ignored);
}

bool IsVersion(std::string_view text) {
  for (const std::string_view known : {"v9", "v10", "v11", "v12", "v13", "v14"}) {
    if (text == known) return true;
  }
  return false;
}

// 2024-01-31, of a month that has such a day.
bool IsDate(std::string_view text) {
  return wire::ParseRfc3339(std::string(text) + "T00:00:00Z").ok();
}

Status Check(const Schema& schema, std::string_view after) {
  if (!schema.from.empty() && !IsDate(schema.from)) {
    return InvalidArgument("from: '" + schema.from + "' is no date as 2024-01-31");
  }
  // Dates as YYYY-MM-DD compare as texts.
  if (!after.empty() && schema.from <= after) {
    return InvalidArgument("from time in schemas must be distinct and in increasing order: " +
                           schema.from);
  }
  if (!schema.version.empty() && !IsVersion(schema.version)) {
    return InvalidArgument("invalid schema version: " + schema.version);
  }
  if (schema.store != "tsdb" || schema.index_period.empty()) return {};
  const Result<Nanoseconds> period = ParseDuration(schema.index_period);
  if (!period.ok() || *period != std::chrono::hours(24)) {
    return InvalidArgument("tsdb must always have periodic config for index set to 24h: it is " +
                           schema.index_period);
  }
  return {};
}

}  // namespace

Status CheckSchemas(const ConfigNode& configs) {
  if (configs.kind != ConfigNode::Kind::kNull && configs.kind != ConfigNode::Kind::kList) {
    return InvalidArgument("schema_config.configs: a list is wanted");
  }
  std::string before;
  for (size_t i = 0; i < configs.items.size(); ++i) {
    const std::string where = "schema_config.configs[" + std::to_string(i) + "]";
    Schema schema;
    SKALD_RETURN_IF_ERROR(Read(configs.items[i], where, schema));
    SKALD_RETURN_IF_ERROR(Annotate(Check(schema, before), where));
    before = schema.from;
  }
  return {};
}

}  // namespace skald::app
