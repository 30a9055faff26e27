#include "querier/metadata_request.h"

#include <limits>

#include "querier/query_checks.h"

namespace skald::querier {

AdmittedMetadata AdmitAnyLength(const MetadataRequest& request, const LimitsSource& limits,
                                const Clock& clock) {
  std::vector<std::shared_ptr<const Limits>> each;
  for (const model::TenantId& tenant : request.tenants) {
    each.push_back(limits.For(tenant.value()));
  }
  AdmittedMetadata admitted;
  admitted.limits = StrictestOf(each);
  if (request.limits.has_value()) {
    admitted.limits = Tighten(*admitted.limits, *request.limits);
  }
  admitted.cancel = request.cancel;
  if (const Nanoseconds timeout = admitted.limits->query_timeout; timeout.count() > 0) {
    admitted.cancel = request.cancel.Within(clock, timeout);
  }
  int64_t start_ns = request.start_ns;
  if (ClampToLookback(clock.NowNs(), request.end_ns, *admitted.limits, start_ns)) {
    const int64_t last = std::numeric_limits<int64_t>::max();
    admitted.range = {start_ns, request.end_ns == last ? last : request.end_ns + 1};
  }
  return admitted;
}

Result<AdmittedMetadata> Admit(const MetadataRequest& request, const LimitsSource& limits,
                               const Clock& clock) {
  AdmittedMetadata admitted = AdmitAnyLength(request, limits, clock);
  SKALD_RETURN_IF_ERROR(CheckLength(request.start_ns, request.end_ns, *admitted.limits));
  return admitted;
}

}  // namespace skald::querier
