#pragma once

#include <string>

#include "api/tenant_auth.h"
#include "common/clock.h"
#include "net/http_types.h"
#include "querier/metadata_query.h"
#include "querier/volume_query.h"

namespace skald::api {

// Adapts questions about how much there is: /index/stats, /index/volume, /index/volume_range and
// /index/shards.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call; calls block.
class VolumeApi {
 public:
  struct Options {
    bool per_request_limits = false;  // Whether requests may tighten their limits by a header.
  };

  VolumeApi(const Options& options, const TenantAuth& auth, const querier::VolumeQuery& volume,
            const querier::MetadataQuery& metadata, const Clock& clock);

  net::Response Stats(net::Request& request);
  net::Response Volume(net::Request& request);
  net::Response VolumeRange(net::Request& request);
  // How a query might be split: here always one shard, as a query spreads over threads by itself.
  net::Response Shards(net::Request& request);

 private:
  Result<querier::MetadataRequest> ReadRequest(const net::Request& request,
                                               const net::Form& params) const;
  Result<std::string> StatsBody(const net::Request& request) const;
  Result<std::string> VolumeBody(const net::Request& request, bool buckets) const;
  Result<std::string> ShardsBody(const net::Request& request) const;

  const Options options_;
  const TenantAuth& auth_;
  const querier::VolumeQuery& volume_;
  const querier::MetadataQuery& metadata_;
  const Clock& clock_;
};

}  // namespace skald::api
