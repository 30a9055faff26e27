#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/executor.h"
#include "common/text_list.h"
#include "model/entry_block.h"
#include "querier/stream_source.h"

namespace skald::querier {

// Streams that are given as a whole and held in memory, for queries over lines that are stored
// nowhere. They belong to every tenant.
//
// Order:   Add*, then anything.
// Threads: as StreamSource, once all is added.
class HeldStreams final : public StreamSource {
 public:
  HeldStreams();
  ~HeldStreams() override;

  struct Entry {
    int64_t time_ns = 0;
    std::string_view line;
    std::vector<model::MetadataPair> metadata;
  };
  // Entries in any order; equal ones count once. Requires: no stream of these labels was added.
  void Add(const model::Labels& labels, std::span<const Entry> entries);

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
  struct Stream;

  // Streams that match and have entries in the range; the token's error once it is cancelled, which
  // is looked at before each stream.
  Result<std::vector<const Stream*>> Find(const model::Matchers& matchers, model::TimeRange range,
                                          const CancelToken& cancel) const;

  std::vector<Stream> streams_;  // Ordered by labels.
};

}  // namespace skald::querier
