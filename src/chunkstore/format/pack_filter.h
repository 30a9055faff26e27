#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/key_set.h"
#include "chunkstore/format/region_table.h"
#include "chunkstore/format/ribbon_set.h"
#include "common/status.h"
#include "model/batch_source.h"
#include "model/labels.h"

namespace skald::chunkstore {

// Streams are dealt into groups by a hash of their labels, and ids are stored for each group: so a
// pack that has an id somewhere is read in a few streams only. More groups would tell more finely,
// but an id is stored once for each that has it.
inline constexpr uint32_t kStreamGroups = 32;
using StreamGroups = GroupBits;  // A bit each.
static_assert(kStreamGroups == kMaxGroups);
inline constexpr StreamGroups kAllStreams = ~StreamGroups{0};

uint32_t StreamGroupOf(const model::Labels& stream);

// Gathers what the blocks of a pack have collected, and writes it as the filter of the pack.
//
// Order:   (Carry? Add* Finish)*; Finish begins anew.
// Threads: not synchronised.
// Cost:    16 bytes for each id, and 32 KiB.
// Format:  FORMAT.md.
class PackFilterBuilder {
 public:
  // Takes what the filter of another pack tells of ids and words, in which all entries of the
  // blocks to come were: of these only names of metadata count then. kDataLoss for damage.
  Status Carry(std::string_view head, std::string_view regions);

  // With a block whose terms are not known, and none carried, the pack has no filter. Requires:
  // stream_group < kStreamGroups.
  void Add(const SealedBlock& block, uint32_t stream_group);

  struct Encoded {
    std::string head;     // Empty: no filter.
    std::string regions;  // Of ids.
  };
  // In what the filters of the blocks have left of a tenth of their `data_bytes`. What does not fit
  // is left out, and so rules out nothing.
  Encoded Finish(uint64_t data_bytes);

 private:
  // Sections of another pack's filter; empty where it has none.
  struct Carried {
    std::string ids;  // kRibbonIds.
    std::string words;
    std::string regions;
  };

  void AddTerms(const PackTerms& terms, uint32_t stream_group);
  // Both empty if they do not fit.
  std::string WordsSection(uint64_t data_bytes) const;
  EncodedKeySet Ids(uint64_t max_bytes);

  std::optional<Carried> carried_;
  bool known_ = true;
  uint64_t block_filters_bytes_ = 0;
  uint8_t id_classes_ = 0;
  std::vector<uint64_t> ids_;          // Pairs of RibbonPair.
  std::vector<uint64_t> words_;        // A bit for each gram there may be.
  std::vector<std::string> metadata_;  // Names, sorted.
};

// What is known of a pack's lines without reading more of it: all of its filter but ids.
//
// Threads: immutable; any thread may ask.
class PackFilter {
 public:
  // kDataLoss for damage.
  static Result<PackFilter> Decode(std::string_view head);

  // True also if the filter does not tell.
  bool MayHaveWord(uint32_t key) const;
  bool MayHaveMetadata(std::string_view name) const;
  // Bit c for an id of class c.
  uint8_t id_classes() const { return id_classes_; }
  // Where in the pack the regions of ids' keys are; null if the filter does not tell of ids.
  const RegionTable* id_regions() const;
  uint64_t id_keys() const;
  // The groups of streams that may have an id of that key. `region` are the bytes of
  // id_regions()->RegionOf(key). kDataLoss for damage.
  Result<StreamGroups> GroupsWithId(uint32_t key, std::string_view region) const;

  // Whether it is worth to be carried to so many bytes of chunks: in its share it would still be
  // wrong about once in 256 (in small packs, whose words take more, once in 128), or twice as often
  // as now.
  bool MayBeCarried(uint64_t chunk_bytes) const;

  size_t MemoryBytes() const;

 private:
  Status DecodeSection(uint8_t kind, std::string_view bytes);

  uint8_t id_classes_ = 0xff;
  std::optional<RibbonTable> ids_;
  std::optional<KeySetTable> old_ids_;  // Instead, of packs as they were written once ...
  bool old_ids_have_groups_ = false;    // ... and whether keys differ by group.
  std::optional<KeySetTable> words_;
  std::string word_regions_;
  std::optional<std::vector<std::string>> metadata_;  // Sorted.
};

// Which groups of a pack's streams may have an id's key, which may take reading.
using IdLookup = std::function<StreamGroups(uint32_t key)>;

// The literals that a request's lines must hold, made ready to be asked of packs.
//
// Threads: immutable; any thread may ask.
class PackProbe {
 public:
  // Whether text may go on where a literal begins and ends.
  enum class Edges { kOpen, kClosed };

  explicit PackProbe(const std::vector<model::RequiredLiteral>& literals,
                     Edges edges = Edges::kOpen);

  // Whether it can rule out any pack at all.
  bool selective() const { return !required_.empty(); }

  // The groups of streams that may have a line that holds all the literals.
  StreamGroups MayMatch(const PackFilter& filter, const IdLookup& with_id) const;

 private:
  // A run of the literal that can only be in an id.
  struct Id {
    uint8_t class_bit = 0;
    uint8_t longer_classes = 0;  // Of ids that it may be a part of and whose keys do not tell.
    std::vector<uint32_t> keys;  // All there if it is in an id of its class.
  };
  struct Needs {
    std::vector<uint32_t> words;
    std::vector<Id> ids;
  };

  static Needs NeedsOf(const std::string& text, bool fold_case, Edges edges);
  static StreamGroups MayHold(const Needs& needs, const PackFilter& filter,
                              const IdLookup& with_id);

  std::vector<std::vector<Needs>> required_;  // One of each must be there.
};

}  // namespace skald::chunkstore
