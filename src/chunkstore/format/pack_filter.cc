#include "chunkstore/format/pack_filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "chunkstore/format/line_grams.h"
#include "chunkstore/format/literal_probe.h"
#include "common/bytes.h"
#include "common/hash.h"

namespace skald::chunkstore {
namespace {

enum class Section : uint8_t {
  kIds = 1,  // Of all streams together: as packs were written once.
  kWords = 2,
  kMetadata = 3,
  kGroupIds = 4,  // As gaps between keys: as packs were written once.
  kRibbonIds = 5,
};

// All filters of a pack take no more of its columns than this. Those of blocks take about half.
constexpr uint64_t kFiltersPermille = 100;
constexpr uint64_t kWordsPermille = 4;
// What ids may count on, of chunks with their blocks' filters.
constexpr uint64_t kIdsPermille = 45;
// What a filter that is carried may be left with of each id's print: to be wrong once in 256 times,
// or else a bit less than it had, but no fewer than a search has a use for.
constexpr int kCarriedBits = 8;
constexpr int kLeastCarriedBits = 5;
// Packs are read as fast as their filters would be.
constexpr uint64_t kMinFilteredBytes = 128 << 10;
// More names than this, and they are not told.
constexpr size_t kMaxMetadataNames = 256;
constexpr size_t kMaxMetadataBytes = 8 << 10;
constexpr size_t kCrcBytes = 4;  // At the end of a filter's head.
// Kinds and lengths of sections, the crc, and what a pack's own head takes for a filter.
constexpr size_t kFramingBytes = 3 * 6 + kCrcBytes + 20;
// Words are looked up in memory, a handful at a time.
constexpr size_t kWordsARegion = 64;

// In kGroupIds the key of an id differs by group, and is in the same region for all of them.
constexpr int kGroupShift = 11;
static_assert(kStreamGroups << kGroupShift == 1u << (32 - kMaxRegionBits));

constexpr uint32_t GroupKey(uint32_t key, uint32_t group) { return key ^ group << kGroupShift; }

// The key of a gram of words, as an index of a bit and back.
constexpr int kWordShift = 32 - kGramHashBits;

std::vector<uint32_t> KeysOf(const std::vector<uint64_t>& bits) {
  std::vector<uint32_t> keys;
  for (size_t i = 0; i < bits.size(); ++i) {
    for (uint64_t word = bits[i]; word != 0; word &= word - 1) {
      keys.push_back(static_cast<uint32_t>(i * 64 + static_cast<size_t>(std::countr_zero(word)))
                     << kWordShift);
    }
  }
  return keys;
}

StreamGroups AllIf(bool may_match) { return may_match ? kAllStreams : 0; }

void PutSection(std::string& head, Section section, std::string_view bytes) {
  head.push_back(static_cast<char>(section));
  PutLengthPrefixed(head, bytes);
}

}  // namespace

uint32_t StreamGroupOf(const model::Labels& stream) {
  return static_cast<uint32_t>(stream.Hash().value() % kStreamGroups);
}

Status PackFilterBuilder::Carry(std::string_view head, std::string_view regions) {
  SKALD_ASSIGN_OR_RETURN(const PackFilter filter, PackFilter::Decode(head));
  if (filter.id_regions() != nullptr) {
    SKALD_RETURN_IF_ERROR(filter.id_regions()->Check(regions));
  }
  carried_.emplace();
  ByteReader reader(head.substr(0, head.size() - kCrcBytes));
  while (!reader.AtEnd()) {
    const auto section = static_cast<Section>(reader.Byte());
    const std::string_view bytes = reader.LengthPrefixed();
    if (section == Section::kWords) carried_->words = bytes;
    if (section == Section::kRibbonIds) {
      carried_->ids = bytes;
      carried_->regions = regions;
    }
  }
  return {};
}

void PackFilterBuilder::Add(const SealedBlock& block, uint32_t stream_group) {
  block_filters_bytes_ += block.filters.size();
  if (!carried_) AddTerms(block.terms, stream_group);
  for (const ColumnEntry& column : block.header.columns) {
    if (column.kind != ColumnKind::kMetadata) continue;
    const auto at = std::ranges::lower_bound(metadata_, column.name);
    if (at == metadata_.end() || *at != column.name) metadata_.insert(at, column.name);
  }
}

void PackFilterBuilder::AddTerms(const PackTerms& terms, uint32_t stream_group) {
  known_ = known_ && terms.known;
  if (!known_) return;
  id_classes_ |= terms.id_classes;
  for (const uint32_t key : terms.ids) ids_.push_back(RibbonPair(key, stream_group));
  words_.resize((size_t{1} << kGramHashBits) / 64);
  for (const uint32_t key : terms.words) {
    words_[key >> kWordShift >> 6] |= uint64_t{1} << (key >> kWordShift) % 64;
  }
}

std::string PackFilterBuilder::WordsSection(uint64_t data_bytes) const {
  std::string section;
  if (carried_) {
    section = carried_->words;
  } else {
    const EncodedKeySet words = EncodeKeySet(
        KeysOf(words_), {.range = uint64_t{1} << kGramHashBits, .keys_a_region = kWordsARegion});
    if (!words.table.empty()) section = words.table + words.regions;
  }
  return section.size() <= data_bytes * kWordsPermille / 1000 ? section : std::string();
}

// The table comes behind the classes.
EncodedKeySet PackFilterBuilder::Ids(uint64_t max_bytes) {
  if (!carried_) {
    EncodedKeySet ids = EncodeRibbonSet(std::move(ids_), max_bytes);
    if (!ids.table.empty()) ids.table.insert(ids.table.begin(), static_cast<char>(id_classes_));
    return ids;
  }
  if (carried_->ids.empty()) return {};
  EncodedKeySet ids =
      NarrowRibbonSet(std::string_view(carried_->ids).substr(1), carried_->regions, max_bytes);
  if (!ids.table.empty()) ids.table.insert(ids.table.begin(), carried_->ids.front());
  return ids;
}

PackFilterBuilder::Encoded PackFilterBuilder::Finish(uint64_t data_bytes) {
  PackFilterBuilder all;
  std::swap(all, *this);
  const uint64_t max_bytes = data_bytes * kFiltersPermille / 1000;
  if (!all.known_ || data_bytes < kMinFilteredBytes || max_bytes <= all.block_filters_bytes_) {
    return {};
  }
  std::string names;
  for (const std::string& name : all.metadata_) PutLengthPrefixed(names, name);
  const bool tells_names =
      all.metadata_.size() <= kMaxMetadataNames && names.size() <= kMaxMetadataBytes;
  const std::string words = all.WordsSection(data_bytes);
  const uint64_t taken =
      all.block_filters_bytes_ + words.size() + (tells_names ? names.size() : 0) + kFramingBytes;
  if (taken > max_bytes) return {};
  Encoded encoded;
  if (EncodedKeySet ids = all.Ids(max_bytes - taken); !ids.table.empty()) {
    PutSection(encoded.head, Section::kRibbonIds, ids.table);
    encoded.regions = std::move(ids.regions);
  }
  if (!words.empty()) PutSection(encoded.head, Section::kWords, words);
  if (tells_names) PutSection(encoded.head, Section::kMetadata, names);
  PutFixed32(encoded.head, Crc32c(encoded.head));
  return encoded;
}

Result<PackFilter> PackFilter::Decode(std::string_view head) {
  if (head.size() < kCrcBytes) return DataLoss("filter: cut short");
  const std::string_view sections = head.substr(0, head.size() - kCrcBytes);
  if (Crc32c(sections) != LoadFixed32(head.data() + sections.size())) {
    return DataLoss("filter: crc mismatch");
  }
  PackFilter filter;
  ByteReader reader(sections);
  while (!reader.AtEnd() && !reader.failed()) {
    const uint8_t kind = reader.Byte();
    const std::string_view bytes = reader.LengthPrefixed();
    if (!reader.failed()) SKALD_RETURN_IF_ERROR(filter.DecodeSection(kind, bytes));
  }
  SKALD_RETURN_IF_ERROR(reader.Finish("filter"));
  return filter;
}

Status PackFilter::DecodeSection(uint8_t kind, std::string_view bytes) {
  ByteReader reader(bytes);
  switch (static_cast<Section>(kind)) {
    case Section::kIds:
    case Section::kGroupIds: {
      old_ids_have_groups_ = kind == static_cast<uint8_t>(Section::kGroupIds);
      id_classes_ = reader.Byte();
      SKALD_ASSIGN_OR_RETURN(old_ids_, KeySetTable::Decode(reader));
      return reader.Finish("filter: ids");
    }
    case Section::kRibbonIds: {
      id_classes_ = reader.Byte();
      SKALD_ASSIGN_OR_RETURN(ids_, RibbonTable::Decode(reader));
      return reader.Finish("filter: ids");
    }
    case Section::kWords: {
      SKALD_ASSIGN_OR_RETURN(words_, KeySetTable::Decode(reader));
      word_regions_ = reader.rest();
      return word_regions_.size() == words_->regions().regions_bytes()
                 ? Status()
                 : DataLoss("filter: words: bad length");
    }
    case Section::kMetadata:
      metadata_.emplace();
      while (!reader.AtEnd() && !reader.failed()) {
        metadata_->emplace_back(reader.LengthPrefixed());
      }
      std::ranges::sort(*metadata_);
      return reader.Finish("filter: metadata");
  }
  return {};  // Of a later version.
}

bool PackFilter::MayHaveWord(uint32_t key) const {
  if (!words_) return true;
  const RegionTable::Region region = words_->regions().RegionOf(key);
  const auto has =
      words_->Has(key, std::string_view(word_regions_).substr(region.offset, region.bytes));
  return !has.ok() || *has;
}

const RegionTable* PackFilter::id_regions() const {
  if (ids_) return &ids_->regions();
  return old_ids_ ? &old_ids_->regions() : nullptr;
}

uint64_t PackFilter::id_keys() const {
  if (ids_) return ids_->keys();
  return old_ids_ ? old_ids_->keys() : 0;
}

Result<StreamGroups> PackFilter::GroupsWithId(uint32_t key, std::string_view region) const {
  if (ids_) return ids_->GroupsOf(key, region);
  if (!old_ids_have_groups_) {
    SKALD_ASSIGN_OR_RETURN(const bool has, old_ids_->Has(key, region));
    return AllIf(has);
  }
  // With each value of the bits that tell groups apart, from the least on: as Which wants them.
  const uint32_t first = key & ~GroupKey(0, kStreamGroups - 1);
  std::array<uint32_t, kStreamGroups> keys;
  for (uint32_t i = 0; i < kStreamGroups; ++i) keys[i] = GroupKey(first, i);
  SKALD_ASSIGN_OR_RETURN(const uint32_t which, old_ids_->Which(keys, region));
  StreamGroups groups = 0;
  for (uint32_t left = which; left != 0; left &= left - 1) {
    const uint32_t i = static_cast<uint32_t>(std::countr_zero(left));
    groups |= StreamGroups{1} << ((key ^ keys[i]) >> kGroupShift);
  }
  return groups;
}

bool PackFilter::MayHaveMetadata(std::string_view name) const {
  return !metadata_ || std::ranges::binary_search(*metadata_, name);
}

bool PackFilter::MayBeCarried(uint64_t chunk_bytes) const {
  if (!ids_) return !old_ids_;
  const int bits = std::clamp(ids_->print_bits() - 1, kLeastCarriedBits, kCarriedBits);
  // A print takes a 20th more than its bits.
  const uint64_t bytes = id_keys() * static_cast<uint64_t>(bits) * 21 / 20 / 8;
  return bytes <= chunk_bytes * kIdsPermille / 1000;
}

size_t PackFilter::MemoryBytes() const {
  size_t bytes = sizeof *this + word_regions_.capacity();
  if (id_regions() != nullptr) bytes += id_regions()->MemoryBytes();
  if (words_) bytes += words_->regions().MemoryBytes();
  if (metadata_) {
    for (const std::string& name : *metadata_) bytes += sizeof name + name.capacity();
  }
  return bytes;
}

PackProbe::PackProbe(const std::vector<model::RequiredLiteral>& literals, Edges edges) {
  for (const model::RequiredLiteral& literal : literals) {
    std::vector<Needs> alternatives;
    for (const std::string& text : literal.any_of) {
      alternatives.push_back(NeedsOf(text, literal.fold_case, edges));
    }
    // One alternative that needs nothing may be anywhere, and so all of them together.
    const bool selective =
        !alternatives.empty() && std::ranges::none_of(alternatives, [](const Needs& needs) {
          return needs.words.empty() && needs.ids.empty();
        });
    if (selective) required_.push_back(std::move(alternatives));
  }
}

PackProbe::Needs PackProbe::NeedsOf(const std::string& literal, bool fold_case, Edges edges) {
  const std::string text = fold_case ? WithoutCasedCharacters(literal) : literal;
  Needs needs;
  needs.words = WordKeysOf(text);
  for (size_t begin = 0; begin < text.size();) {
    if (!IsRunByte(text[begin])) {
      ++begin;
      continue;
    }
    IdRun run;
    const size_t end = run.Read(text, begin);
    // A line's end may stand for a character that the run goes on with (WithoutCasedCharacters).
    const bool open_begin = begin == 0 ? edges == Edges::kOpen : text[begin - 1] == '\n';
    const bool open_end = end == text.size() ? edges == Edges::kOpen : text[end] == '\n';
    if (const int id_class = run.Class(); id_class >= 0) {
      Id id{.class_bit = static_cast<uint8_t>(1 << id_class)};
      if (open_begin || open_end) {
        id.longer_classes = static_cast<uint8_t>((1 << kIdClasses) - (2 << id_class));
      }
      run.AppendKeys(id_class, id.keys);
      needs.ids.push_back(std::move(id));
    }
    begin = end;
  }
  return needs;
}

StreamGroups PackProbe::MayMatch(const PackFilter& filter, const IdLookup& with_id) const {
  StreamGroups groups = kAllStreams;
  for (const std::vector<Needs>& alternatives : required_) {
    StreamGroups with_any = 0;
    for (const Needs& needs : alternatives) {
      with_any |= MayHold(needs, filter, with_id);
      if (with_any == kAllStreams) break;
    }
    groups &= with_any;
    if (groups == 0) break;
  }
  return groups;
}

StreamGroups PackProbe::MayHold(const Needs& needs, const PackFilter& filter,
                                const IdLookup& with_id) {
  const bool words =
      std::ranges::all_of(needs.words, [&](uint32_t key) { return filter.MayHaveWord(key); });
  if (!words || filter.id_regions() == nullptr) return AllIf(words);
  StreamGroups groups = kAllStreams;
  for (const Id& id : needs.ids) {
    if ((filter.id_classes() & id.longer_classes) != 0) continue;
    if ((filter.id_classes() & id.class_bit) == 0) return 0;
    for (const uint32_t key : id.keys) {
      groups &= with_id(key);
      if (groups == 0) return 0;
    }
  }
  return groups;
}

}  // namespace skald::chunkstore
