#include "querier/pattern_query.h"

#include <utility>

#include "querier/query_checks.h"
#include "querier/tenant_source.h"

namespace skald::querier {

Status PatternQuery::CheckLabels(const MetadataRequest& request,
                                 const model::Matchers& matchers) const {
  return CheckSelector(matchers, *AdmitAnyLength(request, limits_, clock_).limits);
}

Result<std::vector<patterns::PatternSeries>> PatternQuery::Patterns(const MetadataRequest& request,
                                                                    const model::Matchers& matchers,
                                                                    int64_t step_ns) const {
  for (const model::TenantId& tenant : request.tenants) {
    SKALD_RETURN_IF_ERROR(CheckQueryingAllowed(*limits_.For(tenant.value())));
  }
  SKALD_ASSIGN_OR_RETURN(const AdmittedMetadata admitted, Admit(request, limits_, clock_));
  SKALD_RETURN_IF_ERROR(CheckSelector(matchers, *admitted.limits));
  const auto [tenants, rest] = request.tenants.size() > 1 ? ChooseTenants(request.tenants, matchers)
                                                          : std::pair(request.tenants, matchers);
  std::vector<std::vector<patterns::PatternSeries>> answers;
  for (const model::TenantId& tenant : tenants) {
    answers.push_back(store_->Select(tenant, rest, admitted.range, step_ns));
  }
  return patterns::MergePatterns(std::move(answers), store_->max_patterns());
}

}  // namespace skald::querier
