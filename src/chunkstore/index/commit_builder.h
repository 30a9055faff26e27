#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/index/index_keys.h"
#include "chunkstore/index/kv_store.h"
#include "common/hash.h"
#include "common/status.h"
#include "model/ids.h"
#include "model/labels.h"

namespace skald::chunkstore {

// A chunk that a flush has stored.
struct CommittedChunk {
  model::TenantId tenant;
  std::shared_ptr<const model::Labels> labels;
  model::Fingerprint fingerprint;
  ChunkRef ref;
};

// "All entries of the stream with sequence numbers up to `seq` are stored."
struct Watermark {
  model::TenantId tenant;
  std::shared_ptr<const model::Labels> labels;
  model::Fingerprint fingerprint;
  uint64_t seq = 0;
};

// The watermark of a fingerprint. Its seq is 0 once two streams have turned out to share it:
// nothing can be said of either then, so that replay skips nothing; what that stores twice is
// dropped when read.
struct StoredWatermark {
  uint64_t seq = 0;
  uint32_t labels_crc32c = 0;

  static Result<StoredWatermark> Decode(std::string_view value);
  std::string Encode() const;
};

// The ChunkKey of a chunk in a period; nothing if the snapshot does not name the chunk there.
Result<std::optional<std::string>> FindChunkKey(const KvSnapshot& snapshot,
                                                const CommittedChunk& chunk, Period period);

// Turns what a flush has stored into one batch of changes to the index.
//
// Order:     (RemoveChunk | AddChunk | AddWatermark)* Finish.  After an error it is of no more use.
//            No chunk may be both removed and added.
// Ownership: borrows the snapshot. No other batch may be written between the snapshot and this.
// Threads:   not synchronised.
// Cost:      a few reads for each stream that is new to its day. Each key is changed once, however
//            many streams share it: it would be searched through in every version.
class CommitBuilder {
 public:
  CommitBuilder(const KvSnapshot& snapshot, uint64_t highest_seq)
      : snapshot_(snapshot), highest_seq_(highest_seq) {}

  // kInvalidArgument for a chunk of more days than any that we make.
  Status AddChunk(const CommittedChunk& chunk);
  // Forgets a chunk; OK if the index does not name it. Its stream stays known for the day, which is
  // marked as thinned: other chunks of it may come. A pack is forgotten with its last chunk,
  // and noted as retired.
  Status RemoveChunk(const CommittedChunk& chunk);
  // kDataLoss if the stored one is malformed.
  Status AddWatermark(const Watermark& watermark);

  // The batch, which lives as long as the builder. kDataLoss if what is stored of a pack is
  // malformed.
  Result<KvBatch*> Finish();
  uint64_t highest_seq() const { return highest_seq_; }
  // ValuesPrefix of each name of a day that has a value which it did not have.
  const std::set<std::string>& names_with_new_values() const { return names_with_new_values_; }
  // Those values, of one of these, in no order: views that live as long as the builder is not
  // changed. Looks through all names and values of what was added.
  std::vector<std::string_view> NewValues(std::string_view prefix) const;

 private:
  Result<SeriesId> IdOf(const CommittedChunk& chunk, Period period);
  Result<SeriesId> NextId(const model::TenantId& tenant, Period period);
  Status AddSeries(const model::TenantId& tenant, Period period, SeriesId id,
                   const model::Labels& labels);
  // Whether it was new.
  Result<bool> PutIfNew(std::string key);
  Status CountRemoved();
  Status CountRemovedOfDays();

  const KvSnapshot& snapshot_;
  uint64_t highest_seq_;
  KvBatch batch_;
  StringMap<SeriesId> ids_;                 // By FingerprintKey and labels.
  StringMap<std::string> fingerprint_ids_;  // By FingerprintKey: the value with new ids.
  StringMap<SeriesId> next_ids_;            // By PeriodKey.
  StringMap<std::string> appends_;          // By ContainerKey.
  StringMap<bool> listed_;                  // NameKeys and ValueKeys that are there: is it new?
  StringMap<StoredWatermark> watermarks_;   // By WatermarkKey.
  StringMap<uint64_t> pack_chunks_;         // Chunks by pack that are added ...
  StringMap<uint64_t> removed_chunks_;      // ... and those that go.
  StringMap<DayPack> day_packs_;            // The same by DayPackKey.
  StringMap<uint64_t> removed_of_days_;
  std::set<std::string> names_with_new_values_;
};

}  // namespace skald::chunkstore
