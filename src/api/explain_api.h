#pragma once

#include <string>

#include "api/reader_options.h"
#include "api/tenant_auth.h"
#include "common/clock.h"
#include "net/http_types.h"
#include "querier/querier.h"

namespace skald::api {

// Answers how a query would be run: /api/v1/explain, an endpoint of Skald's own.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call; calls block on the index, and read no entries.
class ExplainApi {
 public:
  using Options = ReaderOptions;

  ExplainApi(const Options& options, const TenantAuth& auth, querier::Querier& querier,
             const Clock& clock);

  // Takes the parameters of /query_range, or those of /query if there is a `time`; `format` is
  // json (the default) or text. Accept: text/plain asks for text as well.
  net::Response Explain(net::Request& request);

 private:
  Result<net::Response> Answer(const net::Request& request) const;

  const Options options_;
  const TenantAuth& auth_;
  querier::Querier& querier_;
  const Clock& clock_;
};

}  // namespace skald::api
