#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "model/entry_block.h"
#include "model/push_batch.h"
#include "model/value_dictionary.h"

namespace skald::ingester {

class HeadBlock;

// Where pairs of metadata went that were appended to a head before. Entries of a push tend to have
// the pairs of the entry before them, and not only equal ones: the same bytes.
//
// Ownership: borrows all that is appended with it, which must stay as it is while it is used.
struct PairPlaces {
  struct Place {
    std::string_view name;
    std::string_view value;
    uint32_t column = 0;
    uint32_t code = 0;  // 0: nothing is known yet.
  };

  const HeadBlock* head = nullptr;
  std::array<Place, 4> by_index;  // Of a pair in its entry, modulo their number.
};

// The newest entries of a stream, as columns in order of arrival.
//
// Order:     Append* Freeze; frozen, it only answers.
// Ownership: copies what it is given.
// Threads:   not synchronised: the stream's mutex guards it.
// Cost:      appending copies, and allocates only as buffers grow. A snapshot copies the columns
//            once for all readers between two appends.
class HeadBlock {
 public:
  // `like`: a block of this stream whose sizes the new one may reach, to reserve them at once.
  explicit HeadBlock(const HeadBlock* like = nullptr);
  HeadBlock(const HeadBlock&) = delete;
  HeadBlock& operator=(const HeadBlock&) = delete;

  void Append(int64_t time_ns, uint64_t seq, std::string_view line,
              std::span<const model::MetadataPair> metadata, PairPlaces& places);
  void Append(int64_t time_ns, uint64_t seq, std::string_view line,
              std::span<const model::MetadataPair> metadata) {
    PairPlaces unknown;
    Append(time_ns, seq, line, metadata, unknown);
  }

  // Whether the entry equals the last one appended.
  bool LastEquals(int64_t time_ns, std::string_view line,
                  std::span<const model::MetadataPair> metadata) const;

  // The columns, not ordered by time yet: see Normalize. Immutable.
  std::shared_ptr<const model::EntryBlock> Snapshot();

  // No more appends; Snapshot is free from now on.
  void Freeze();

  bool empty() const { return entries_ == 0; }
  size_t entries() const { return entries_; }
  size_t line_bytes() const {
    const model::EntryBlock& block = frozen_ != nullptr ? *frozen_ : columns_;
    return block.lines.text.size() - entries_;  // Without separators.
  }
  // As model::MetadataVolume counts it, but for texts of several names.
  uint64_t metadata_volume() const { return metadata_volume_; }
  // What the memory budget is charged for it.
  size_t memory_bytes() const { return memory_bytes_; }
  uint64_t last_seq() const { return last_seq_; }
  // Of entries, both included. Requires: !empty().
  int64_t first_ns() const { return first_ns_; }
  int64_t last_ns() const { return last_ns_; }

 private:
  // What was handed out last, as long as a reader keeps it.
  struct HandedOut {
    std::weak_ptr<const model::EntryBlock> block;
    size_t entries = 0;
  };

  uint32_t ColumnFor(std::string_view name);
  void AppendPair(const model::MetadataPair& pair, PairPlaces::Place& place);

  // A million streams have a head each: what few of them need is not kept in here.
  std::shared_ptr<const model::EntryBlock> frozen_;
  std::unique_ptr<HandedOut> snapshot_;  // Null until one was asked for.

  model::EntryBlock columns_;  // metadata in order of first use; codes may be short.
  std::vector<model::ValueDictionary> dictionaries_;  // For each of columns_.metadata.
  uint32_t last_column_ = 0;                          // The one that an entry used last.
  uint32_t entries_ = 0;
  size_t memory_bytes_ = 0;
  uint64_t metadata_volume_ = 0;
  uint64_t last_seq_ = 0;
  int64_t first_ns_ = std::numeric_limits<int64_t>::max();
  int64_t last_ns_ = std::numeric_limits<int64_t>::min();
};

// The entries ordered by (time, seq), those equal in time, line and metadata to an earlier one
// dropped: as BatchSource and BlockSealer want them. Returns `block` itself if that is so already.
std::shared_ptr<const model::EntryBlock> Normalize(std::shared_ptr<const model::EntryBlock> block);

}  // namespace skald::ingester
