#include "querier/visible_source.h"

#include <utility>

#include "querier/filtered_scan.h"

namespace skald::querier {

Result<model::StreamScans> VisibleSource::Select(const model::ScanRequest& request,
                                                 model::ScanContext& context) {
  // Asked for first: scans go on to read what a request that is processed meanwhile has replaced.
  auto filters = hidden_.Of(request.tenant);
  SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, source_.Select(request, context));
  return FilterScans(std::move(scans), std::move(filters));
}

}  // namespace skald::querier
