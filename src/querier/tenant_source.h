#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/ids.h"
#include "model/matcher.h"
#include "querier/stream_source.h"

namespace skald::querier {

inline constexpr std::string_view kTenantLabel = "__tenant_id__";
// The name that a stream's own label of that name goes on under.
std::string OriginalTenantLabel();

// Which of `tenants` a selector asks for, and what of it the stores get to see: matchers on
// __tenant_id__ choose tenants and are taken out, those on original___tenant_id__ mean the label
// that streams have under the shorter name.
std::pair<std::vector<model::TenantId>, model::Matchers> ChooseTenants(
    const std::vector<model::TenantId>& tenants, const model::Matchers& matchers);

// `labels` with the tenant's id as __tenant_id__; a label of that name that was there before goes
// on as OriginalTenantLabel().
model::Labels LabelWithTenant(const model::Labels& labels, const model::TenantId& tenant);

// What several tenants have, as one source for one query: every stream carries its tenant's id as
// a label. The tenant of the request is ignored.
//
// Ownership: borrows `source`.
// Threads:   any thread may call.
class TenantSource final : public logql::LogSource {
 public:
  TenantSource(logql::LogSource& source, std::vector<model::TenantId> tenants);

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override;

 private:
  logql::LogSource& source_;
  const std::vector<model::TenantId> tenants_;
};

}  // namespace skald::querier
