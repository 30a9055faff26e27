#pragma once

#include <string>

#include "api/metadata_log.h"
#include "api/reader_options.h"
#include "api/tenant_auth.h"
#include "common/clock.h"
#include "net/http_types.h"
#include "querier/pattern_query.h"

namespace skald::api {

// Adapts the question which patterns lines have: /patterns.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call; calls block.
class PatternsApi {
 public:
  using Options = ReaderOptions;

  PatternsApi(const Options& options, const TenantAuth& auth, const querier::PatternQuery& patterns,
              const Clock& clock);

  // 404 without a body where no patterns are kept.
  net::Response Patterns(net::Request& request);

 private:
  // The error of a selector without the labels that it must name; OK also if it cannot be read.
  Status CheckLabels(const net::Request& request) const;
  Result<std::string> PatternsBody(const net::Request& request, MetadataLog& log) const;

  const Options options_;
  const TenantAuth& auth_;
  const querier::PatternQuery& patterns_;
  const Clock& clock_;
};

}  // namespace skald::api
