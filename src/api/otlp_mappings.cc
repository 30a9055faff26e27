#include "api/otlp_mappings.h"

namespace skald::api {

Result<std::shared_ptr<const wire::OtlpMapping>> OtlpMappings::For(const model::TenantId& tenant) {
  std::shared_ptr<const Limits> limits = limits_.For(tenant.value());
  MutexLock lock(mutex_);
  if (const auto known = entries_.find(limits.get()); known != entries_.end()) {
    return known->second.mapping;
  }
  Result<wire::OtlpMapping> made = wire::OtlpMapping::Compile(
      limits->otlp_config,
      {.index_labels = index_labels_, .discover_service_name = limits->discover_service_name});
  if (!made.ok()) return Internal(std::string(made.status().message()));
  // Limits that nobody else holds are in force no more.
  absl::erase_if(entries_, [](const auto& entry) { return entry.second.limits.use_count() == 1; });
  auto mapping = std::make_shared<const wire::OtlpMapping>(*std::move(made));
  const Limits* const key = limits.get();
  entries_.emplace(key, Entry{.limits = std::move(limits), .mapping = mapping});
  return mapping;
}

}  // namespace skald::api
