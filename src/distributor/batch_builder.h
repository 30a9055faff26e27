#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "distributor/metadata_cleaner.h"
#include "distributor/push_metrics.h"
#include "distributor/push_rules.h"
#include "distributor/push_sharding.h"
#include "distributor/push_validator.h"
#include "distributor/stream_profile.h"
#include "model/push_batch.h"
#include "wire/batch_arena.h"

namespace skald::distributor {

// Builds the batch that goes to the ingesters from one that a client sent: entries cut to size,
// checked, their metadata cleaned and completed by detected_level and other fields found.
//
// Order:     AddStream* Finish.
// Ownership: borrows the rules, the validator and profiles; takes the batch, whose texts live on in
// the
//            one that Finish returns.
// Threads:   not synchronised; one for each push.
// Cost:      one pass over the entries; new arrays of entries and metadata, texts stay.
class BatchBuilder {
 public:
  // What came of a stream's entries.
  struct StreamTotals {
    uint64_t lines = 0;
    uint64_t bytes = 0;  // Of lines and metadata.
    uint64_t metadata_bytes = 0;
  };

  BatchBuilder(const PushRules& rules, PushValidator& validator, model::PushBatch sent);
  BatchBuilder(const BatchBuilder&) = delete;
  BatchBuilder& operator=(const BatchBuilder&) = delete;

  // What the client sent.
  const model::PushBatch& sent() const { return sent_; }
  // The size of the entries of a stream of sent().
  uint64_t BytesOf(const model::PushStream& stream) const;

  // Adds the entries of `stream`, one of sent(), that are good. A stream without any is left out.
  StreamTotals AddStream(const model::PushStream& stream, const StreamProfile& profile);

  // What each stream of the new batch was made from.
  const std::vector<ShardingInput>& sharding_inputs() const { return sharding_inputs_; }
  // The new batch; empty if there was no good entry.
  model::PushBatch Finish();

  size_t sanitized() const { return cleaner_.sanitized(); }
  uint64_t truncated_lines() const { return truncated_lines_; }
  uint64_t truncated_bytes() const { return truncated_bytes_; }
  int64_t newest_ns() const { return newest_ns_; }
  const LineSizes& line_sizes() const { return line_sizes_; }

 private:
  // The entry before the one at hand, for increment_duplicate_timestamp.
  struct Previous {
    bool exists = false;
    int64_t sent_ns = 0;
    int64_t time_ns = 0;
    std::string_view line;
  };

  void Truncate(model::PushEntry& entry);
  // Appends the entry's metadata to metadata_. False if it was refused.
  bool AddMetadata(const StreamProfile& profile, model::PushEntry& entry,
                   std::span<const model::MetadataPair> sent, size_t& metadata_bytes);
  std::string_view DetectLevel(const StreamProfile& profile, size_t begin, std::string_view line);
  void AddGenericFields(const StreamProfile& profile, const model::PushEntry& entry);
  void SeparateFrom(Previous& previous, model::PushEntry& entry) const;

  const PushRules& rules_;
  const Limits& limits_;
  PushValidator& validator_;
  model::PushBatch sent_;
  wire::BatchArena arena_;
  MetadataCleaner cleaner_;
  const bool detect_levels_;
  std::vector<model::PushStream> streams_;
  std::vector<ShardingInput> sharding_inputs_;
  std::vector<model::PushEntry> entries_;
  std::vector<model::MetadataPair> metadata_;
  uint64_t truncated_lines_ = 0;
  uint64_t truncated_bytes_ = 0;
  int64_t newest_ns_;
  LineSizes line_sizes_;
};

}  // namespace skald::distributor
