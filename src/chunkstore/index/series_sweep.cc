#include "chunkstore/index/series_sweep.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "common/bytes.h"
#include "model/labels.h"

namespace skald::chunkstore {
namespace {

// From a key of the day's series, less its prefix.
SeriesId IdOfKey(std::string_view key_rest) {
  SeriesId id = 0;
  for (size_t i = 0; i < sizeof id; ++i) id = id << 8 | static_cast<uint8_t>(key_rest[i]);
  return id;
}

// Takes series of one day out of the lists that they are in.
class SeriesRemover {
 public:
  SeriesRemover(const KvSnapshot& snapshot, const model::TenantId& tenant, Period period,
                KvBatch& batch)
      : snapshot_(snapshot), tenant_(tenant), period_(period), batch_(batch) {}

  Result<bool> Remove(SeriesId id) {
    KvCursor cursor = snapshot_.Scan(SeriesKey(tenant_, period_, id));
    if (!cursor.Valid()) {
      SKALD_RETURN_IF_ERROR(cursor.status());
      return false;
    }
    SKALD_ASSIGN_OR_RETURN(const model::Labels labels, model::Labels::Decode(cursor.value()));
    cursor.Next();
    SKALD_RETURN_IF_ERROR(cursor.status());
    if (cursor.Valid()) return false;  // A chunk has come since.
    batch_.Delete(SeriesKey(tenant_, period_, id));
    fingerprints_[FingerprintKey(tenant_, period_, labels.Hash())].insert(id);
    TakeFrom(PresencePrefix(tenant_, period_, ""), std::string(), id);
    for (const auto [name, value] : labels) {
      if (value.empty()) continue;
      TakeFrom(PresencePrefix(tenant_, period_, name), NameKey(tenant_, period_, name), id);
      TakeFrom(PostingsPrefix(tenant_, period_, name, value),
               ValueKey(tenant_, period_, name, value), id);
    }
    return true;
  }

  Status Finish() {
    for (const auto& [prefix, list] : lists_) SKALD_RETURN_IF_ERROR(Rewrite(prefix, list));
    for (const auto& [key, ids] : fingerprints_) SKALD_RETURN_IF_ERROR(RewriteIds(key, ids));
    return {};
  }

 private:
  struct List {
    std::string listed;  // The key that goes with the list's last series; empty for none.
    std::vector<SeriesId> going;
  };

  void TakeFrom(std::string prefix, std::string listed, SeriesId id) {
    List& list = lists_[std::move(prefix)];
    list.listed = std::move(listed);
    list.going.push_back(id);
  }

  Status Rewrite(const std::string& prefix, const List& list) {
    const Postings going = Normalized(list.going);
    bool any_left = false;
    KvCursor cursor = snapshot_.Scan(prefix);
    for (; cursor.Valid(); cursor.Next()) {
      std::vector<SeriesId> ids;
      SKALD_RETURN_IF_ERROR(DecodeContainer(cursor.key(), cursor.value(), ids));
      const Postings before = Normalized(std::move(ids));
      const Postings left = Minus(before, going);
      any_left |= !left.empty();
      const std::string key = prefix + std::string(cursor.key());
      if (left.empty()) {
        batch_.Delete(key);
      } else if (left.size() < before.size()) {
        std::string value;
        for (const SeriesId id : left) value += ContainerItem(id);
        batch_.Put(key, value);
      }
    }
    SKALD_RETURN_IF_ERROR(cursor.status());
    if (!any_left && !list.listed.empty()) batch_.Delete(list.listed);
    return {};
  }

  Status RewriteIds(const std::string& key, const std::set<SeriesId>& going) {
    SKALD_ASSIGN_OR_RETURN(const std::optional<std::string> stored, snapshot_.Get(key));
    if (!stored) return {};
    std::string left;
    for (size_t at = 0; at + sizeof(SeriesId) <= stored->size(); at += sizeof(SeriesId)) {
      const SeriesId id = LoadFixed32(stored->data() + at);
      if (!going.contains(id)) PutFixed32(left, id);
    }
    if (left.empty()) {
      batch_.Delete(key);
    } else {
      batch_.Put(key, left);
    }
    return {};
  }

  const KvSnapshot& snapshot_;
  const model::TenantId& tenant_;
  const Period period_;
  KvBatch& batch_;
  std::map<std::string, List> lists_;                       // Containers, by their prefix.
  std::map<std::string, std::set<SeriesId>> fingerprints_;  // By FingerprintKey.
};

}  // namespace

Result<DaySurvey> SurveyDay(const KvSnapshot& snapshot, const model::TenantId& tenant,
                            Period period, SurveyUntil until) {
  DaySurvey survey;
  std::optional<SeriesId> without_chunk;  // Of the series seen last, so far.
  KvCursor cursor = snapshot.Scan(SeriesPrefix(tenant, period));
  for (; cursor.Valid(); cursor.Next()) {
    if (cursor.key().size() < sizeof(SeriesId)) return DataLoss("index: malformed key");
    if (cursor.key().size() == sizeof(SeriesId)) {
      if (without_chunk) survey.empty.push_back(*without_chunk);
      without_chunk = IdOfKey(cursor.key());
      continue;
    }
    survey.has_chunks = true;
    without_chunk.reset();
    if (until == SurveyUntil::kFirstChunk) return survey;
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  if (without_chunk) survey.empty.push_back(*without_chunk);
  return survey;
}

void ForgetDay(const model::TenantId& tenant, Period period, KvBatch& batch) {
  for (const std::string& prefix : KindPrefixesOfDay(tenant, period)) batch.DeletePrefix(prefix);
  batch.Put(UnpurgedKey(tenant, period), "");
}

Result<size_t> ForgetSeries(const KvSnapshot& snapshot, const model::TenantId& tenant,
                            Period period, const Postings& series, KvBatch& batch) {
  SeriesRemover remover(snapshot, tenant, period, batch);
  size_t removed = 0;
  for (const SeriesId id : series) {
    SKALD_ASSIGN_OR_RETURN(const bool gone, remover.Remove(id));
    removed += gone ? 1 : 0;
  }
  SKALD_RETURN_IF_ERROR(remover.Finish());
  if (removed > 0) batch.Put(UnpurgedKey(tenant, period), "");
  return removed;
}

}  // namespace skald::chunkstore
