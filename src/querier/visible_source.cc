#include "querier/visible_source.h"

#include <utility>

#include "querier/filtered_scan.h"

namespace skald::querier {

Result<model::StreamScans> VisibleSource::Select(const model::ScanRequest& request,
                                                 model::ScanContext& context) {
  // Asked for first: scans go on to read what a request that is processed meanwhile has replaced.
  const auto filters = hidden_.Of(request.tenant);
  SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, source_.Select(request, context));
  if (filters == nullptr) return scans;
  for (auto& scan : scans) {
    if (auto filter = filters->For(*scan->labels(), scan->first_ns(), scan->last_ns())) {
      scan = FilterScan(std::move(scan), std::move(filter));
    }
  }
  return scans;
}

}  // namespace skald::querier
