#include "app/runtime_config.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config_secrets.h"
#include "common/logging.h"
#include "common/sha256.h"
#include "common/split.h"

namespace skald::app {
namespace {

constexpr char kHashName[] = "loki_runtime_config_hash";
constexpr char kHashHelp[] = "1, with what the runtime configuration in force hashes to.";

std::vector<std::string> SplitSources(std::string_view list) {
  std::vector<std::string> sources;
  for (std::string_view source : SplitAtCommas(list)) {
    while (source.starts_with(' ')) source.remove_prefix(1);
    while (source.ends_with(' ')) source.remove_suffix(1);
    if (!source.empty()) sources.emplace_back(source);
  }
  return sources;
}

bool IsUrl(std::string_view source) {
  return source.starts_with("http://") || source.starts_with("https://");
}

}  // namespace

RuntimeConfig::RuntimeConfig(const RuntimeConfigOptions& options, FileSystem& files,
                             const Clock& clock, TenantLimits& limits)
    : options_(options),
      files_(files),
      limits_(limits),
      client_({.timeout = options.http_client_timeout}, clock),
      successful_(Metrics::GetGauge("loki_runtime_config_last_reload_successful",
                                    "Whether the last reload of the runtime configuration worked.",
                                    {{"config", "loki"}})) {}

RuntimeConfig::~RuntimeConfig() { Stop(); }

Status RuntimeConfig::Start() {
  if (SplitSources(options_.files).empty()) return Status();
  if (Status status = Load(); !status.ok()) return Annotate(std::move(status), "runtime_config");
  successful_.Set(1);
  if (options_.period.count() <= 0) return Status();
  periodic_ = std::make_unique<PeriodicTask>("runtime-config", options_.period, [this] {
    const Status status = Load();
    successful_.Set(status.ok() ? 1 : 0);
    if (!status.ok()) {
      LogError("the runtime configuration was not reloaded; what was in force stays so",
               {{"err", status.message()}});
    }
  });
  return Status();
}

void RuntimeConfig::Stop() {
  if (periodic_ != nullptr) periodic_->Stop();
}

Status RuntimeConfig::Load() {
  std::string all;
  ConfigNode document;
  for (const std::string& source : SplitSources(options_.files)) {
    SKALD_ASSIGN_OR_RETURN(const std::string text, Read(source));
    auto node = ParseYaml(text);
    if (!node.ok()) return Annotate(std::move(node).status(), WithoutPasswords(source));
    if (node->kind != ConfigNode::Kind::kNull) document = MergeNodes(std::move(document), *node);
    all.append(text).push_back('\0');
  }
  if (all == last_) return Status();
  if (Status status = limits_.Load(document); !status.ok()) {
    return Annotate(std::move(status), WithoutPasswords(options_.files));
  }
  last_ = std::move(all);
  PublishHash();
  LogInfo("runtime configuration loaded", {{"file", WithoutPasswords(options_.files)}});
  return Status();
}

// One file's hash is what sha256sum says of it.
void RuntimeConfig::PublishHash() {
  const auto labels = [](const std::string& hash) {
    return MetricLabels{{"config", "loki"}, {"sha256", hash}};
  };
  if (!hash_.empty()) Metrics::RemoveGauge(kHashName, kHashHelp, labels(hash_));
  hash_ = Sha256Hex(std::string_view(last_).substr(0, last_.size() - 1));
  Metrics::GetGauge(kHashName, kHashHelp, labels(hash_)).Set(1);
}

Result<std::string> RuntimeConfig::Read(const std::string& source) {
  if (!IsUrl(source)) return files_.ReadAll(source);
  SKALD_ASSIGN_OR_RETURN(net::Response response, client_.Send({.url = source}));
  if (response.status != 200) {
    return Unavailable(WithoutPasswords(source) + ": HTTP status " +
                       std::to_string(response.status));
  }
  return std::move(response.body);
}

}  // namespace skald::app
