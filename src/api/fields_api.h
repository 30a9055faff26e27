#pragma once

#include <string>

#include "api/reader_options.h"
#include "api/tenant_auth.h"
#include "common/clock.h"
#include "net/http_types.h"
#include "querier/querier.h"

namespace skald::api {

// Adapts questions about what fields the entries of a query have: /detected_fields and
// /detected_field/{name}/values, which look at the newest lines, and /api/v1/field_stats, which
// looks at all of them.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call; calls block until the query is done.
class FieldsApi {
 public:
  using Options = ReaderOptions;

  FieldsApi(const Options& options, const TenantAuth& auth, querier::Querier& querier,
            const Clock& clock);

  net::Response DetectedFields(net::Request& request);
  // Of the path parameter `name`.
  net::Response DetectedFieldValues(net::Request& request);
  net::Response FieldStats(net::Request& request);

 private:
  // The newest entries of the request's query, and how many fields or values are wanted of them.
  struct Sample {
    model::Streams streams;
    uint32_t limit = 0;
  };

  Result<querier::QueryRequest> ReadQuery(const net::Request& request,
                                          const net::Form& params) const;
  Result<Sample> ReadSample(const net::Request& request) const;
  Result<std::string> DetectedFieldsBody(const net::Request& request) const;
  Result<std::string> DetectedFieldValuesBody(const net::Request& request) const;
  Result<std::string> FieldStatsBody(const net::Request& request) const;

  const Options options_;
  const TenantAuth& auth_;
  querier::Querier& querier_;
  const Clock& clock_;
};

}  // namespace skald::api
