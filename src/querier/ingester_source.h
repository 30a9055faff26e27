#pragma once

#include <functional>
#include <vector>

#include "common/clock.h"
#include "common/text_list.h"
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
  Result<std::vector<std::string>> LabelNames(const model::StreamLookup& of) override;
  Result<TextList> LabelValues(const model::StreamLookup& of, const std::string& name) override;
  Result<model::SeriesList> Series(const model::StreamLookup& of) override;
  Result<rpc::StreamStats> Stats(const model::StreamLookup& of) override;
  Result<std::vector<rpc::StreamSize>> Sizes(const model::StreamLookup& of) override;
  Result<std::vector<StreamVolume>> Volumes(const model::StreamLookup& of,
                                            std::span<const model::TimeRange> ranges) override;

 private:
  const Clients clients_;
  const Clock& clock_;
};

}  // namespace skald::querier
