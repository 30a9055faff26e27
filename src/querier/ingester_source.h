#pragma once

#include <functional>
#include <vector>

#include "common/clock.h"
#include "querier/stream_source.h"
#include "rpc/ingester_client.h"

namespace skald::querier {

// What ingesters hold in memory, as one source: the union over all of them.
//
// Ownership: borrows the clock, and the clients that `clients` names, for as long as scans of
// theirs
//            live.
// Threads:   any thread may call.
// Cost:      asks one ingester after the other; each call may block on the network. An ingester
//            that fails fails the call, as its entries may be nowhere else.
class IngesterSource final : public StreamSource {
 public:
  using Clients = std::function<std::vector<rpc::IngesterClient*>()>;

  IngesterSource(Clients clients, const Clock& clock);

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override;
  Result<std::vector<std::string>> LabelNames(const model::TenantId& tenant,
                                              const model::Matchers& matchers,
                                              model::TimeRange range) override;
  Result<std::vector<std::string>> LabelValues(const model::TenantId& tenant,
                                               const std::string& name,
                                               const model::Matchers& matchers,
                                               model::TimeRange range) override;
  Result<std::vector<model::Labels>> Series(const model::TenantId& tenant,
                                            const model::Matchers& matchers,
                                            model::TimeRange range) override;
  Result<rpc::StreamStats> Stats(const model::TenantId& tenant, const model::Matchers& matchers,
                                 model::TimeRange range) override;
  Result<std::vector<rpc::StreamSize>> Sizes(const model::TenantId& tenant,
                                             const model::Matchers& matchers,
                                             model::TimeRange range) override;
  Result<std::vector<StreamVolume>> Volumes(const model::TenantId& tenant,
                                            const model::Matchers& matchers,
                                            std::span<const model::TimeRange> ranges) override;

 private:
  const Clients clients_;
  const Clock& clock_;
};

}  // namespace skald::querier
