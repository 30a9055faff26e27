#pragma once

#include "api/reader_options.h"
#include "api/tenant_auth.h"
#include "common/clock.h"
#include "net/http_types.h"
#include "querier/querier.h"

namespace skald::api {

// Adapts LogQL queries: /loki/api/v1/query, /query_range, /format_query, and /api/prom/query.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call; calls block until the query is done.
class QueryApi {
 public:
  using Options = ReaderOptions;

  QueryApi(const Options& options, const TenantAuth& auth, querier::Querier& querier,
           const Clock& clock);

  net::Response Query(net::Request& request);
  net::Response QueryRange(net::Request& request);
  // A range query of lines with the answer in the older shape; `regexp` is one more line filter.
  net::Response LegacyQuery(net::Request& request);
  // The query in canonical form. Wants no tenant.
  net::Response FormatQuery(net::Request& request);

 private:
  enum class Form { kRange, kInstant, kLegacy };

  Result<querier::QueryRequest> ReadRequest(const net::Request& request, Form form) const;
  net::Response Run(net::Request& request, Form form);

  const Options options_;
  const TenantAuth& auth_;
  querier::Querier& querier_;
  const Clock& clock_;
};

}  // namespace skald::api
