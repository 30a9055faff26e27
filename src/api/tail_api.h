#pragma once

#include "api/reader_options.h"
#include "api/tenant_auth.h"
#include "common/clock.h"
#include "common/status.h"
#include "net/http_types.h"
#include "querier/tails.h"

namespace skald::api {

// Adapts live tails: /loki/api/v1/tail, and /api/prom/tail with frames in the older shape. What is
// wrong with a request's parameters or the text of its query, stages included, is answered with
// 400; all else (a metric query, limits, faults later on) closes the WebSocket, with code 1011 and
// the reason.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call.
class TailApi {
 public:
  using Options = ReaderOptions;

  TailApi(const Options& options, const TenantAuth& auth, querier::Tails& tails,
          const Clock& clock);

  net::Response Tail(net::Request& request);
  // `regexp` is one more line filter.
  net::Response LegacyTail(net::Request& request);

 private:
  enum class Form { kCurrent, kLegacy };

  Result<querier::TailOptions> ReadRequest(const net::Request& request, Form form) const;
  net::Response Run(net::Request& request, Form form);

  const Options options_;
  const TenantAuth& auth_;
  querier::Tails& tails_;
  const Clock& clock_;
};

}  // namespace skald::api
