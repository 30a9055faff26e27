#include "querier/pattern_query.h"

#include <iterator>
#include <utility>

#include "common/duration.h"
#include "common/memory_budget.h"
#include "patterns/pattern_entry.h"
#include "querier/query_checks.h"
#include "querier/tenant_source.h"

namespace skald::querier {
namespace {

Status TooMuchHeld(const Limits& limits) {
  return ResourceExhausted("patterns would take more than " +
                           FormatIecBytes(limits.max_query_held_bytes) +
                           " of memory (limits_config.max_query_held_bytes); consider fewer "
                           "streams, a larger step or a shorter time range");
}

}  // namespace

Status PatternQuery::CheckLabels(const MetadataRequest& request,
                                 const model::Matchers& matchers) const {
  return CheckSelector(matchers, *AdmitAnyLength(request, limits_, clock_).limits);
}

Result<PatternAnswer> PatternQuery::Patterns(const MetadataRequest& request,
                                             const model::Matchers& matchers,
                                             int64_t step_ns) const {
  for (const model::TenantId& tenant : request.tenants) {
    SKALD_RETURN_IF_ERROR(CheckQueryingAllowed(*limits_.For(tenant.value())));
  }
  SKALD_ASSIGN_OR_RETURN(const AdmittedMetadata admitted, Admit(request, limits_, clock_));
  SKALD_RETURN_IF_ERROR(CheckSelector(matchers, *admitted.limits));
  const auto [tenants, rest] = request.tenants.size() > 1 ? ChooseTenants(request.tenants, matchers)
                                                          : std::pair(request.tenants, matchers);
  MemoryBudget memory(admitted.limits->max_query_held_bytes, TooMuchHeld(*admitted.limits));
  model::ScanContext context;
  std::vector<patterns::PatternSeries> all;
  for (const model::TenantId& tenant : tenants) {
    patterns::HeldPatterns held = store_->Select(tenant, rest, admitted.range, step_ns);
    std::move(held.series.begin(), held.series.end(), std::back_inserter(all));
    const auto limits = limits_.For(tenant.value());
    if (!limits->pattern_persistence_enabled || admitted.range.empty()) continue;
    SKALD_ASSIGN_OR_RETURN(auto written,
                           history_.Read({.tenant = tenant,
                                          .matchers = rest,
                                          .range = admitted.range,
                                          .step_ns = step_ns,
                                          .entry_seconds = patterns::EntrySeconds(*limits)},
                                         held.counts, memory, context));
    std::move(written.begin(), written.end(), std::back_inserter(all));
  }
  const patterns::PatternStore::Options& options = store_->options();
  return PatternAnswer{
      .patterns = patterns::MergePatterns(all, options.min_total, options.max_patterns),
      .warnings = context.warnings.Take()};
}

}  // namespace skald::querier
