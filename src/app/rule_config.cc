#include "app/rule_config.h"

#include <algorithm>
#include <array>

#include "common/files.h"
#include "common/logging.h"

namespace skald::app {
namespace {

// Storages that Loki has and this version does not.
constexpr std::array<std::string_view, 8> kElsewhere = {"s3",  "gcs", "azure", "swift",
                                                        "cos", "bos", "aws",   "alibabacloud"};

bool IsElsewhere(std::string_view name) {
  return std::find(kElsewhere.begin(), kElsewhere.end(), name) != kElsewhere.end();
}

// The storage that is named, and by which key.
struct Named {
  std::string_view key;
  std::string_view name;
  std::string_view local_key;
  std::string local_folder;  // Of "local".
  std::string objects_folder;
};

Named NamedStorage(const RulerConfig& c) {
  const bool thanos = c.thanos_backend != "filesystem" || !c.thanos_directory.empty();
  const bool legacy = !c.storage_type.empty() || !c.storage_local_directory.empty();
  Named named;
  if (thanos && (c.use_thanos_objstore || !legacy)) {
    named = {.key = "ruler_storage.backend",
             .name = c.thanos_backend,
             .local_key = "ruler_storage.local.directory",
             .local_folder = c.thanos_local_directory,
             .objects_folder = c.thanos_directory};
  } else if (legacy) {
    named = {.key = "ruler.storage.type",
             .name = c.storage_type.empty() ? std::string_view("local") : c.storage_type,
             .local_key = "ruler.storage.local.directory",
             .local_folder = c.storage_local_directory};
  } else if (!c.common_rules_directory.empty()) {
    named.name = "local";
  }
  if (named.local_folder.empty()) named.local_folder = c.common_rules_directory;
  return named;
}

Status CheckStorage(const RulerConfig& config) {
  const Named named = NamedStorage(config);
  if (named.name == "local" && named.local_folder.empty()) {
    return InvalidArgument(std::string(named.local_key) + " must be set: the folder of rule files");
  }
  if (named.name.empty() || named.name == "local" || named.name == "filesystem" ||
      IsElsewhere(named.name)) {
    return {};
  }
  return InvalidArgument(std::string(named.key) + ": unknown storage \"" + std::string(named.name) +
                         "\"; known are local and filesystem");
}

}  // namespace

void AddRulerConfig(Settings& s, RulerConfig* c) {
  s.Add("ruler.evaluation_interval", &c->ruler.evaluation_interval,
        "How often rule groups without an interval are evaluated");
  s.Add("ruler.evaluation_threads", &c->evaluation_threads,
        "Rules that are evaluated at once; tenants take turns");
  s.Add("ruler.poll_interval", &c->ruler.poll_interval, "How often rules are read again");
  s.Add("ruler.for_outage_tolerance", &c->ruler.outage.tolerance,
        "Outage after which the state of alerts is forgotten");
  s.Add("ruler.for_grace_period", &c->ruler.outage.grace_period,
        "Time after an outage in which a pending alert does not fire");
  s.Add("ruler.resend_delay", &c->resend_delay, "How often a firing alert is sent again");
  s.Add("ruler.enabled_tenants", &c->ruler.enabled_tenants,
        "Tenants whose rules are evaluated; empty for all");
  s.Add("ruler.disabled_tenants", &c->ruler.disabled_tenants,
        "Tenants whose rules are not evaluated");
  s.Add(
      "ruler.disable_rule_group_label", &c->disable_rule_group_label,
      "Whether the metrics of a tenant's rule groups are one series without the label rule_group");
  s.Add("ruler.enable_api", &c->enable_api, "Whether rules are served over HTTP");
  s.Add("ruler.storage.type", &c->storage_type,
        "local: rule files in a folder, only read; filesystem: rules written by the API, which is "
        "the default without a configuration file; empty: as other settings say, else no rules");
  s.Add("ruler.storage.local.directory", &c->storage_local_directory,
        "Folder of rule files, <tenant>/<file>");
  s.Add("storage_config.use_thanos_objstore", &c->use_thanos_objstore,
        "Whether ruler_storage counts rather than ruler.storage where both are set",
        "use-thanos-objstore");
  s.Add("ruler_storage.backend", &c->thanos_backend,
        "local: rule files in a folder, only read; filesystem: rules written by the API",
        "ruler-storage.backend");
  s.Add("ruler_storage.filesystem.dir", &c->thanos_directory,
        "Folder in which rules written by the API are kept as objects, below rules/",
        "ruler-storage.filesystem.dir");
  s.Add("ruler_storage.local.directory", &c->thanos_local_directory,
        "Folder of rule files, <tenant>/<file>", "ruler-storage.local.directory");
  s.Add("common.storage.filesystem.rules_directory", &c->common_rules_directory,
        "Folder of rule files, <tenant>/<file>, unless another storage is set");
}

Status CheckRulerConfig(const RulerConfig& config) {
  if (config.ruler.evaluation_interval.count() <= 0) {
    return InvalidArgument("ruler.evaluation_interval must be greater than 0");
  }
  if (config.evaluation_threads <= 0) {
    return InvalidArgument("ruler.evaluation_threads must be greater than 0");
  }
  if (config.ruler.poll_interval.count() <= 0) {
    return InvalidArgument("ruler.poll_interval must be greater than 0");
  }
  return CheckStorage(config);
}

RuleStorage ChooseRuleStorage(const RulerConfig& config, std::string_view path_prefix) {
  const Named named = NamedStorage(config);
  if (named.name == "local") {
    return {.kind = RuleStorage::Kind::kFolder, .folder = named.local_folder};
  }
  if (named.name == "filesystem" && !named.objects_folder.empty()) {
    return {.kind = RuleStorage::Kind::kObjects, .folder = JoinPath(named.objects_folder, "rules")};
  }
  if (named.name.empty() && !config.kept_without_storage) {
    return {.kind = RuleStorage::Kind::kNone};
  }
  const std::string own = JoinPath(path_prefix, "rules");
  if (IsElsewhere(named.name)) {
    LogWarn("rules cannot be kept in this storage, and are in a folder instead",
            {{"setting", named.key}, {"value", named.name}, {"folder", own}});
  }
  return {.kind = RuleStorage::Kind::kOwn, .folder = own};
}

std::string RuleStatePath(std::string_view path_prefix) {
  return JoinPath(path_prefix, ruler::kStateFileName);
}

}  // namespace skald::app
