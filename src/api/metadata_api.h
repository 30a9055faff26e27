#pragma once

#include "api/metadata_log.h"
#include "api/reader_options.h"
#include "api/tenant_auth.h"
#include "common/clock.h"
#include "net/http_types.h"
#include "querier/metadata_query.h"

namespace skald::api {

// Adapts questions about what streams there are: /labels, /label/{name}/values, /series and
// /detected_labels, with their older paths, and /api/v1/cardinality.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call; calls block.
class MetadataApi {
 public:
  struct Options {
    ReaderOptions reader;
    Executor* workers = nullptr;  // Borrowed: its threads help to write long lists.
  };

  MetadataApi(const Options& options, const TenantAuth& auth, const querier::MetadataQuery& query,
              const Clock& clock);

  net::Response Labels(net::Request& request);
  // Of the path parameter `name`.
  net::Response LabelValues(net::Request& request);
  net::Response Series(net::Request& request);
  net::Response DetectedLabels(net::Request& request);
  net::Response Cardinality(net::Request& request);

 private:
  Result<std::string> LabelsBody(const net::Request& request, MetadataLog& log) const;
  Result<std::string> LabelValuesBody(const net::Request& request, MetadataLog& log) const;
  Result<std::string> SeriesBody(const net::Request& request, MetadataLog& log) const;
  Result<std::string> DetectedLabelsBody(const net::Request& request, MetadataLog& log) const;
  Result<std::string> CardinalityBody(const net::Request& request, MetadataLog& log) const;

  const Options options_;
  const TenantAuth& auth_;
  const querier::MetadataQuery& query_;
  const Clock& clock_;
};

}  // namespace skald::api
