#pragma once

#include <string>

#include "api/metadata_log.h"
#include "api/reader_options.h"
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
  using Options = ReaderOptions;

  VolumeApi(const Options& options, const TenantAuth& auth, const querier::VolumeQuery& volume,
            const querier::MetadataQuery& metadata, const Clock& clock);

  net::Response Stats(net::Request& request);
  net::Response Volume(net::Request& request);
  net::Response VolumeRange(net::Request& request);
  // How a query might be split: here always one shard, as a query spreads over threads by itself.
  net::Response Shards(net::Request& request);

 private:
  Result<std::string> StatsBody(const net::Request& request, MetadataLog& log) const;
  Result<std::string> VolumeBody(const net::Request& request, bool buckets, MetadataLog& log) const;
  Result<std::string> ShardsBody(const net::Request& request, MetadataLog& log) const;

  const Options options_;
  const TenantAuth& auth_;
  const querier::VolumeQuery& volume_;
  const querier::MetadataQuery& metadata_;
  const Clock& clock_;
};

}  // namespace skald::api
