#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_node.h"
#include "common/hash.h"
#include "common/limits.h"
#include "common/mutex.h"
#include "common/status.h"

namespace skald {

// Limits of which single tenants have their own, as a runtime configuration says:
//
//   overrides:
//     tenant-a: {ingestion_rate_mb: 20}     # any key of limits_config
//   configs:
//     tenant-a: {log_push_request: true}    # any key of operational_config
//
// What a tenant's entry does not name is as it is for all.
//
// Ownership: keeps `check`.
// Threads:   any thread may call.
// Cost:      For takes a lock for a look-up. A snapshot stays the same object for as long as the
//            tenant's entries do, so that what is derived from it can be kept.
class TenantLimits final : public LimitsSource {
 public:
  // Says what is wrong with limits beyond the form of single values.
  using Check = std::function<Status(const Limits&)>;

  TenantLimits(Limits defaults, Check check);

  std::shared_ptr<const Limits> For(std::string_view tenant) const override SKALD_EXCLUDES(mutex_);

  // Puts `document` in force in place of the one before; or, with kInvalidArgument that names the
  // tenant and the key, changes nothing. Logs what it passes over.
  Status Load(const ConfigNode& document) SKALD_EXCLUDES(mutex_);

 private:
  struct Entry {
    std::string text;  // What the limits were made from.
    std::shared_ptr<const Limits> limits;
  };
  using Entries = StringMap<Entry>;

  // Appends to `ignored` the keys that mean nothing here.
  Result<std::shared_ptr<const Limits>> Make(const ConfigNode& overrides, const ConfigNode& config,
                                             std::vector<std::string>& ignored) const;

  const std::shared_ptr<const Limits> defaults_;
  const Check check_;
  mutable Mutex mutex_;
  std::shared_ptr<const Entries> entries_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald
