#include "app/config_warnings.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "app/limits_check.h"
#include "net/grpc_credentials.h"

namespace skald::app {
namespace {

// Where Loki is told of object storage.
constexpr std::array<std::string_view, 18> kObjectStorage = {
    "common.storage.alibabacloud", "common.storage.azure", "common.storage.bos",
    "common.storage.cos",          "common.storage.gcs",   "common.storage.object_store",
    "common.storage.s3",           "common.storage.swift", "storage_config.alibabacloud",
    "storage_config.aws",          "storage_config.azure", "storage_config.bos",
    "storage_config.cos",          "storage_config.gcs",   "storage_config.named_stores",
    "storage_config.object_store", "storage_config.swift", "object_store"};

// Whether `key` is `section` or below it.
bool IsIn(std::string_view key, std::string_view section) {
  return key.starts_with(section) && (key.size() == section.size() || key[section.size()] == '.');
}

// As the key that it would be, for one of the flags among the settings that are passed over.
std::string KeyOf(std::string_view ignored) {
  const bool flag = ignored.starts_with('-');
  std::string key(ignored.substr(flag ? 1 : 0));
  if (flag) std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

std::string OnLocalDisk(const AppConfig& config) {
  return ": object storage is not used by this version: all data stays on this machine's disk, "
         "packs in " +
         config.chunks_directory + ", the index in " + config.index_directory +
         " and what is not in packs yet in " + config.ingester.wal.dir;
}

void AddObjectStorage(const Configuration& configuration, std::vector<std::string>& out) {
  const AppConfig& config = configuration.config();
  std::vector<std::string> names;
  const auto add = [&names](std::string name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  };
  for (const std::string& ignored : configuration.ignored()) {
    const std::string key = KeyOf(ignored);
    for (const std::string_view section : kObjectStorage) {
      if (IsIn(key, section)) add(std::string(section));
    }
  }
  for (const ConfigNode& schema : config.schema_configs.items) {
    const std::string_view store = schema.Text("object_store", "filesystem");
    if (store != "filesystem") add("schema_config: object_store: " + std::string(store));
  }
  for (const std::string& name : names) out.push_back(name + OnLocalDisk(config));
}

}  // namespace

std::vector<std::string> ConfigWarnings(const Configuration& configuration) {
  const AppConfig& config = configuration.config();
  std::vector<std::string> warnings =
      net::UnmetByGrpc(config.grpc.tls, config.http.tls_min_version, config.http.tls_cipher_suites);
  AddObjectStorage(configuration, warnings);
  for (const std::string& warning : LimitsWarnings(config.limits)) {
    warnings.push_back("limits_config." + warning);
  }
  const std::vector<std::string> fixed = FixedSettingWarnings(config.fixed);
  warnings.insert(warnings.end(), fixed.begin(), fixed.end());
  return warnings;
}

}  // namespace skald::app
