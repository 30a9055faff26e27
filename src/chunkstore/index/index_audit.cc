#include "chunkstore/index/index_audit.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "chunkstore/index/commit_builder.h"
#include "chunkstore/index/postings.h"
#include "common/bytes.h"
#include "common/quote.h"

namespace skald::chunkstore {
namespace {

struct KindName {
  char kind = 0;
  std::string_view name;
};
constexpr KindName kKinds[] = {{'M', "facts"},
                               {'P', "packs"},
                               {'U', "unnamed packs"},
                               {'T', "days"},
                               {'d', "thinned days"},
                               {'f', "fingerprints"},
                               {'h', "presence"},
                               {'n', "names"},
                               {'p', "postings"},
                               {'q', "packs of days"},
                               {'s', "series and chunks"},
                               {'u', "unpurged days"},
                               {'v', "values"},
                               {'w', "watermarks"}};

std::string_view NameOf(char kind) {
  for (const KindName& known : kKinds) {
    if (known.kind == kind) return known.name;
  }
  return "unknown";
}

// What all keys of a kind begin with on a day: as its PeriodKey but for the first byte.
std::string DayPrefix(char kind, const IndexAudit::Day& day) {
  std::string prefix = PeriodKey(day.tenant, day.period);
  prefix[0] = kind;
  return prefix;
}

std::string NameOfSeries(SeriesId id) { return "series " + std::to_string(id); }

SeriesId LoadId(std::string_view key_rest) {
  SeriesId id = 0;
  for (size_t i = 0; i < sizeof id; ++i) id = id << 8 | static_cast<uint8_t>(key_rest[i]);
  return id;
}

// A day as the labels of its series say that it must be.
class ExpectedDay {
 public:
  ExpectedDay(const KvSnapshot& snapshot, const IndexAudit::Day& day,
              const IndexAudit::OnFault& on_fault)
      : snapshot_(snapshot), day_(day), on_fault_(on_fault) {}

  void Add(SeriesId id, const model::Labels& labels) {
    ids_.push_back(id);
    postings_[ContainerKey(PresencePrefix(day_.tenant, day_.period, ""), id)].push_back(id);
    for (const auto [name, value] : labels) {
      if (value.empty()) continue;
      postings_[ContainerKey(PresencePrefix(day_.tenant, day_.period, name), id)].push_back(id);
      postings_[ContainerKey(PostingsPrefix(day_.tenant, day_.period, name, value), id)].push_back(
          id);
      texts_.insert(NameKey(day_.tenant, day_.period, name));
      texts_.insert(ValueKey(day_.tenant, day_.period, name, value));
    }
  }

  void AddChunk(const ChunkRef& chunk) {
    packs_[DayPackKey(day_.tenant, day_.period, chunk.pack)].Add(chunk.summary);
  }

  Status Compare() {
    SKALD_RETURN_IF_ERROR(ComparePacks());
    for (const char kind : {'h', 'p'}) SKALD_RETURN_IF_ERROR(ComparePostings(kind));
    for (const char kind : {'n', 'v'}) SKALD_RETURN_IF_ERROR(CompareTexts(kind));
    for (const auto& [key, ids] : postings_) Fault(key, "is missing");
    for (const std::string& key : texts_) Fault(key, "is missing");
    for (const auto& [key, pack] : packs_) Fault(key, "is missing");
    return CompareFingerprints();
  }

 private:
  void Fault(std::string_view key, const std::string& what) {
    const size_t day_bytes = DayPrefix(key[0], day_).size();
    on_fault_(std::string(NameOf(key[0])) + ": key " + GoQuote(key.substr(day_bytes)) + ": " +
              what);
  }

  // Takes away what is as it should be, and reports what is there and should not be.
  Status ComparePostings(char kind) {
    const std::string prefix = DayPrefix(kind, day_);
    KvCursor cursor = snapshot_.Scan(prefix);
    for (; cursor.Valid(); cursor.Next()) {
      const std::string key = prefix + std::string(cursor.key());
      std::vector<SeriesId> ids;
      const bool read =
          key.size() >= prefix.size() + 2 &&
          DecodeContainer(std::string_view(key).substr(key.size() - 2), cursor.value(), ids).ok();
      const auto expected = postings_.find(key);
      if (!read) {
        Fault(key, "malformed");
      } else if (expected == postings_.end()) {
        Fault(key, "no series has it");
      } else {
        CompareIds(key, Normalized(std::move(ids)), expected->second);
      }
      if (expected != postings_.end()) postings_.erase(expected);
    }
    return cursor.status();
  }

  void CompareIds(std::string_view key, const Postings& stored, const Postings& expected) {
    for (const SeriesId id : Minus(expected, stored)) Fault(key, NameOfSeries(id) + " is missing");
    for (const SeriesId id : Minus(stored, expected)) {
      Fault(key, NameOfSeries(id) + " does not belong there");
    }
  }

  Status CompareTexts(char kind) {
    const std::string prefix = DayPrefix(kind, day_);
    KvCursor cursor = snapshot_.Scan(prefix);
    for (; cursor.Valid(); cursor.Next()) {
      const std::string key = prefix + std::string(cursor.key());
      if (texts_.erase(key) == 0) Fault(key, "no series has it");
    }
    return cursor.status();
  }

  Status ComparePacks() {
    const std::string prefix = DayPacksPrefix(day_.tenant, day_.period);
    KvCursor cursor = snapshot_.Scan(prefix);
    for (; cursor.Valid(); cursor.Next()) {
      const std::string key = prefix + std::string(cursor.key());
      const auto expected = packs_.find(key);
      const Result<DayPack> stored = DayPack::Decode(cursor.value());
      if (!stored.ok()) {
        Fault(key, "malformed");
      } else if (expected == packs_.end()) {
        Fault(key, "no chunk of the day is in it");
      } else {
        ComparePack(key, *stored, expected->second);
      }
      if (expected != packs_.end()) packs_.erase(expected);
    }
    return cursor.status();
  }

  void ComparePack(std::string_view key, const DayPack& stored, const DayPack& found) {
    if (stored.chunks != found.chunks) {
      Fault(key, "is said to have " + std::to_string(stored.chunks) + " chunks, and has " +
                     std::to_string(found.chunks));
    } else if (stored.min_time > found.min_time || stored.max_time < found.max_time) {
      Fault(key, "has entries outside of its times");
    }
  }

  Status CompareFingerprints() {
    const std::string prefix = DayPrefix('f', day_);
    std::vector<SeriesId> found;
    KvCursor cursor = snapshot_.Scan(prefix);
    for (; cursor.Valid(); cursor.Next()) {
      const std::string_view ids = cursor.value();
      if (ids.size() % sizeof(SeriesId) != 0 || ids.empty()) {
        Fault(prefix + std::string(cursor.key()), "malformed");
      }
      for (size_t at = 0; at + sizeof(SeriesId) <= ids.size(); at += sizeof(SeriesId)) {
        found.push_back(LoadFixed32(ids.data() + at));
      }
    }
    std::ranges::sort(found);
    for (const SeriesId id : Minus(ids_, found)) {
      on_fault_("fingerprints: " + NameOfSeries(id) + " is missing");
    }
    for (const SeriesId id : Minus(found, ids_)) {
      on_fault_("fingerprints: " + NameOfSeries(id) + " does not exist");
    }
    return cursor.status();
  }

  const KvSnapshot& snapshot_;
  const IndexAudit::Day& day_;
  const IndexAudit::OnFault& on_fault_;
  Postings ids_;
  std::map<std::string, Postings> postings_;  // Those not seen yet, by key; ids ascending.
  std::set<std::string> texts_;               // Likewise, of names and values.
  std::map<std::string, DayPack> packs_;      // Likewise, by DayPackKey.
};

}  // namespace

Result<std::unique_ptr<IndexAudit>> IndexAudit::Open(const std::string& folder) {
  SKALD_ASSIGN_OR_RETURN(std::unique_ptr<KvStore> store, KvStore::OpenReadOnly({.folder = folder}));
  KvSnapshot snapshot = store->Snapshot();
  SKALD_ASSIGN_OR_RETURN(const std::optional<std::string> version, snapshot.Get(kFormatKey));
  return std::unique_ptr<IndexAudit>(
      new IndexAudit(std::move(store), std::move(snapshot), version != kVersionWithoutDayPacks));
}

IndexAudit::IndexAudit(std::unique_ptr<KvStore> store, KvSnapshot snapshot, bool has_day_packs)
    : store_(std::move(store)), snapshot_(std::move(snapshot)), has_day_packs_(has_day_packs) {}

Result<std::vector<IndexAudit::KindSize>> IndexAudit::Sizes() const {
  std::vector<KindSize> sizes;
  KvCursor cursor = snapshot_.Scan("");
  for (; cursor.Valid(); cursor.Next()) {
    const std::string_view name = cursor.key().empty() ? "unknown" : NameOf(cursor.key()[0]);
    if (sizes.empty() || sizes.back().name != name) sizes.push_back({.name = name});
    ++sizes.back().keys;
    sizes.back().key_bytes += cursor.key().size();
    sizes.back().value_bytes += cursor.value().size();
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return sizes;
}

Result<std::vector<IndexAudit::Day>> IndexAudit::Days(const OnFault& on_fault) const {
  std::vector<Day> days;
  KvCursor cursor = snapshot_.Scan(TenantsPrefix());
  for (; cursor.Valid(); cursor.Next()) {
    ByteReader reader(cursor.key());
    const std::string_view tenant = reader.LengthPrefixed();
    const Result<Period> period = DecodePeriod(reader.rest());
    if (reader.failed() || !period.ok() || cursor.value().size() != sizeof(SeriesId)) {
      on_fault("days: key " + GoQuote(cursor.key()) + ": malformed");
      continue;
    }
    days.push_back({.tenant = model::TenantId(std::string(tenant)),
                    .period = *period,
                    .next_id = LoadFixed32(cursor.value().data())});
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return days;
}

Status IndexAudit::ForEachChunk(const Day& day, const std::function<void(const Chunk&)>& visit,
                                const OnFault& on_fault) const {
  Chunk chunk;
  SeriesId id = 0;
  KvCursor cursor = snapshot_.Scan(SeriesPrefix(day.tenant, day.period));
  for (; cursor.Valid(); cursor.Next()) {
    const std::string_view key = cursor.key();
    if (key.size() < sizeof(SeriesId)) {
      on_fault("series: key " + GoQuote(key) + ": malformed");
      continue;
    }
    if (key.size() == sizeof(SeriesId)) {
      id = LoadId(key);
      Result<model::Labels> labels = model::Labels::Decode(cursor.value());
      chunk.labels =
          labels.ok() ? std::make_shared<const model::Labels>(*std::move(labels)) : nullptr;
      if (chunk.labels == nullptr) on_fault(NameOfSeries(id) + ": malformed labels");
      continue;
    }
    Result<ChunkRef> ref = DecodeChunk(cursor.value());
    if (!ref.ok()) {
      on_fault(NameOfSeries(LoadId(key)) + ": malformed chunk");
    } else if (chunk.labels == nullptr || LoadId(key) != id) {
      on_fault(NameOfSeries(LoadId(key)) + ": a chunk without labels in front of it");
    } else if (ChunkKey(day.tenant, day.period, id, *ref) !=
               SeriesPrefix(day.tenant, day.period) + std::string(key)) {
      on_fault(NameOfSeries(id) + ": a chunk's key is not that of its value");
    } else {
      chunk.ref = *std::move(ref);
      visit(chunk);
    }
  }
  return cursor.status();
}

Status IndexAudit::CheckDay(const Day& day, const OnFault& on_fault) const {
  ExpectedDay expected(snapshot_, day, on_fault);
  KvCursor cursor = snapshot_.Scan(SeriesPrefix(day.tenant, day.period));
  for (; cursor.Valid(); cursor.Next()) {
    if (cursor.key().size() != sizeof(SeriesId)) {
      const Result<ChunkRef> chunk = DecodeChunk(cursor.value());
      if (has_day_packs_ && chunk.ok()) expected.AddChunk(*chunk);
      continue;
    }
    const SeriesId id = LoadId(cursor.key());
    if (id >= day.next_id) on_fault(NameOfSeries(id) + ": the id was never given out");
    const Result<model::Labels> labels = model::Labels::Decode(cursor.value());
    if (labels.ok()) expected.Add(id, *labels);
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return expected.Compare();
}

Status IndexAudit::CheckFacts(uint64_t highest_seq, const OnFault& on_fault) const {
  KvCursor cursor = snapshot_.Scan("w");
  for (; cursor.Valid(); cursor.Next()) {
    const Result<StoredWatermark> watermark = StoredWatermark::Decode(cursor.value());
    if (!watermark.ok()) {
      on_fault("watermarks: key " + GoQuote(cursor.key()) + ": malformed");
    } else {
      highest_seq = std::max(highest_seq, watermark->seq);
    }
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  SKALD_ASSIGN_OR_RETURN(const std::optional<std::string> known, snapshot_.Get(kHighestSeqKey));
  const bool sound = known ? known->size() == sizeof(uint64_t) : highest_seq == 0;
  if (!sound || (known && LoadFixed64(known->data()) < highest_seq)) {
    on_fault("facts: highest_seq is less than " + std::to_string(highest_seq) +
             ", which has been given out");
  }
  SKALD_ASSIGN_OR_RETURN(const std::optional<std::string> format, snapshot_.Get(kFormatKey));
  if (!format) {
    on_fault("facts: format is missing: the index may not know all packs");
  } else if (format != kFormatVersion && has_day_packs_) {
    on_fault("facts: format version " + GoQuote(*format) + " is not known here");
  }
  return {};
}

Result<std::vector<IndexAudit::Pack>> IndexAudit::Packs(const OnFault& on_fault) const {
  std::vector<Pack> packs;
  KvCursor cursor = snapshot_.Scan(PacksPrefix());
  for (; cursor.Valid(); cursor.Next()) {
    ByteReader reader(cursor.value());
    packs.push_back({.key = std::string(cursor.key()), .chunks = reader.Varint()});
    if (!reader.Finish("chunks of a pack").ok()) {
      on_fault("packs: key " + GoQuote(cursor.key()) + ": malformed");
    }
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return packs;
}

}  // namespace skald::chunkstore
