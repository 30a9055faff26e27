#include "chunkstore/index/range_lookup.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "chunkstore/index/day_packs.h"
#include "chunkstore/index/postings.h"
#include "model/value_matchers.h"

namespace skald::chunkstore {
namespace {

// Both lists, sorted and each text once, as they are given.
void MergeInto(std::vector<std::string>& all, std::vector<std::string> more) {
  std::vector<std::string> merged;
  merged.reserve(all.size() + more.size());
  std::set_union(std::move_iterator(all.begin()), std::move_iterator(all.end()),
                 std::move_iterator(more.begin()), std::move_iterator(more.end()),
                 std::back_inserter(merged));
  all = std::move(merged);
}

}  // namespace

Result<std::vector<Period>> RangeLookup::Days() const {
  std::vector<Period> periods;
  if (range_.empty()) return periods;
  KvCursor cursor = snapshot_.Scan(PeriodsPrefix(tenant_));
  for (; cursor.Valid(); cursor.Next()) {
    SKALD_ASSIGN_OR_RETURN(const Period period, DecodePeriod(cursor.key()));
    if (period >= DayOf(range_.start) && period <= DayOf(range_.end - 1)) periods.push_back(period);
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return periods;
}

Result<std::vector<StreamChunks>> RangeLookup::Find(const model::Matchers& matchers,
                                                    const PackChoice& wants,
                                                    const CancelToken& cancel) const {
  SKALD_ASSIGN_OR_RETURN(const auto periods, Days());
  ChunkCollector collector(snapshot_, tenant_, range_);
  for (const Period period : periods) {
    DayPacks packs;
    if (wants) {
      SKALD_ASSIGN_OR_RETURN(
          packs, ChoosePacks(snapshot_, DayPacksPrefix(tenant_, period), range_, wants));
      if (packs.NoneWanted()) continue;
    }
    const SeriesLookup lookup(snapshot_, labels_cache_, tenant_, period);
    SKALD_ASSIGN_OR_RETURN(const Postings series, lookup.Find(matchers));
    SKALD_RETURN_IF_ERROR(collector.Collect(period, series, packs.unwanted));
  }
  return collector.Take(cancel);
}

Result<bool> RangeLookup::HasName(std::string_view name) const {
  SKALD_ASSIGN_OR_RETURN(const auto periods, Days());
  for (const Period period : periods) {
    SKALD_ASSIGN_OR_RETURN(const auto known, snapshot_.Get(NameKey(tenant_, period, name)));
    if (known) return true;
  }
  return false;
}

Result<std::vector<std::string>> RangeLookup::LabelNames(const model::Matchers& matchers) const {
  SKALD_ASSIGN_OR_RETURN(const auto periods, Days());
  std::vector<std::string> names;
  for (const Period period : periods) {
    const SeriesLookup lookup(snapshot_, labels_cache_, tenant_, period);
    Result<std::vector<std::string>> found = std::vector<std::string>();
    if (matchers.empty()) {
      found = lookup.Names();
    } else {
      SKALD_ASSIGN_OR_RETURN(const Postings series, lookup.Find(matchers));
      found = lookup.NamesOf(series);
    }
    if (!found.ok()) return found;
    MergeInto(names, *std::move(found));
  }
  return names;
}

Result<TextList> RangeLookup::LabelValues(std::string_view name, const model::Matchers& matchers,
                                          const CancelToken& cancel) const {
  SKALD_ASSIGN_OR_RETURN(const auto periods, Days());
  // Where only the value decides whether its series match, none of them is looked at.
  const bool by_value = model::AreOfEachValue(matchers, name);
  TextList values;
  for (const Period period : periods) {
    const SeriesLookup lookup(snapshot_, labels_cache_, tenant_, period, workers_, known_);
    Result<TextList> found = TextList();
    if (matchers.empty()) {
      found = lookup.Values(name, cancel);
    } else if (by_value) {
      found = lookup.MatchedValues(name, matchers);
    } else {
      SKALD_ASSIGN_OR_RETURN(const Postings series, lookup.Find(matchers));
      found = lookup.ValuesOf(name, series, cancel);
    }
    if (!found.ok()) return found;
    SKALD_RETURN_IF_ERROR(values.Unite(*std::move(found), cancel, workers_));
  }
  return values;
}

Result<model::SeriesList> RangeLookup::Series(const model::Matchers& matchers,
                                              const CancelToken& cancel) const {
  SKALD_ASSIGN_OR_RETURN(const auto periods, Days());
  model::SeriesList all;
  for (const Period period : periods) {
    const SeriesLookup lookup(snapshot_, labels_cache_, tenant_, period, workers_);
    SKALD_ASSIGN_OR_RETURN(const Postings series, lookup.Find(matchers));
    SKALD_ASSIGN_OR_RETURN(model::SeriesList found, lookup.LabelsWithin(series, range_));
    SKALD_RETURN_IF_ERROR(found.SortUnique(cancel, workers_));
    SKALD_RETURN_IF_ERROR(all.Unite(std::move(found), cancel, workers_));
  }
  return all;
}

}  // namespace skald::chunkstore
