#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/config.h"
#include "common/status.h"
#include "ruler/ruler.h"

namespace skald::app {

// What the settings of `ruler` and `ruler_storage` say about rules and where they are.
//
// Threads: a value.
struct RulerConfig {
  ruler::Ruler::Options ruler;
  int evaluation_threads = 4;
  Nanoseconds resend_delay = std::chrono::minutes(1);
  bool enable_api = true;
  bool disable_rule_group_label = false;
  // What Loki has two settings for: `ruler_storage` with use_thanos_objstore, else `ruler.storage`.
  // "local": files that others write; "filesystem": objects in a folder.
  bool use_thanos_objstore = true;
  std::string thanos_backend = "filesystem";
  std::string thanos_directory;
  std::string thanos_local_directory;
  std::string storage_type;
  std::string storage_local_directory;
  std::string common_rules_directory;
  // Without a storage set: whether rules are kept all the same. Not with a configuration file, as
  // Loki has no rules then.
  bool kept_without_storage = true;
};

void AddRulerConfig(Settings& settings, RulerConfig* config);
// kInvalidArgument names the key that is wrong.
Status CheckRulerConfig(const RulerConfig& config);

// Where rules are kept.
struct RuleStorage {
  enum class Kind {
    kNone,     // There are no rules.
    kFolder,   // Files that others write, only read.
    kObjects,  // Objects that the API writes.
    kOwn,      // Files that the API writes.
  };
  Kind kind = Kind::kOwn;
  std::string folder;

  friend bool operator==(const RuleStorage&, const RuleStorage&) = default;
};

// What the settings come to: of `ruler_storage` and `ruler.storage` the one that is set, of both
// the one that use_thanos_objstore says; else the folder that `common` names; else none, or a store
// of our own below `path_prefix`, so that rules can be written without any setting. Warns of one
// that this version cannot write to. `config` has passed CheckRulerConfig.
RuleStorage ChooseRuleStorage(const RulerConfig& config, std::string_view path_prefix);

// The file in which alerts outlive a restart.
std::string RuleStatePath(std::string_view path_prefix);

}  // namespace skald::app
