#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/hash.h"
#include "common/limits.h"
#include "common/mutex.h"
#include "common/status.h"
#include "model/ids.h"
#include "wire/otlp_mapping.h"

namespace skald::api {

// The mapping of OpenTelemetry's attributes that is in force for a tenant, made when its limits
// change and not with each export.
//
// Ownership: borrows `limits`.
// Threads:   any thread may call.
// Cost:      a mapping for each set of limits in force; For takes a lock for a look-up.
class OtlpMappings {
 public:
  // `index_labels`: attributes of resources that become labels by default.
  OtlpMappings(const LimitsSource& limits, std::vector<std::string> index_labels)
      : limits_(limits), index_labels_(std::move(index_labels)) {}

  // kInternal if the tenant's otlp_config cannot be used, which configurations are checked for.
  Result<std::shared_ptr<const wire::OtlpMapping>> For(const model::TenantId& tenant)
      SKALD_EXCLUDES(mutex_);

 private:
  struct Entry {
    std::shared_ptr<const Limits> limits;  // Keeps the key from being used anew.
    std::shared_ptr<const wire::OtlpMapping> mapping;
  };

  const LimitsSource& limits_;
  const std::vector<std::string> index_labels_;
  Mutex mutex_;
  HashMap<const Limits*, Entry> entries_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::api
