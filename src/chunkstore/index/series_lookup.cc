#include "chunkstore/index/series_lookup.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "common/parallel_for.h"
#include "model/value_matchers.h"

namespace skald::chunkstore {
namespace {

using model::Matcher;
using model::MatchOp;

// With no more series left than this, the labels of each are looked at: cheaper than running a
// regex over all values of a name, of which there may be a million.
constexpr size_t kFewSeries = 2048;

// What a thread reads of a name's values before it takes on more: as stored, some 70,000 values.
constexpr uint64_t kValuesAtOnceBytes = 128 << 10;
// And how often, of very many: threads that are done early help the others.
constexpr size_t kPiecesPerThread = 4;

// Series whose labels a thread reads before it takes on more.
constexpr size_t kSeriesAtOnce = 16384;

// To find the postings of a value takes about as long as to read those of so many that follow.
constexpr size_t kSeeksPerScan = 16;

// What an entry of the cache costs besides the labels' text.
constexpr size_t kLabelsOverhead = 64;

// How a matcher narrows a set of series.
enum class Effect {
  kNone,        // Holds for every series.
  kKeepName,    // Keeps those that have the name.
  kDropName,    // Drops those that have the name.
  kKeepValues,  // Keeps those with one of the matcher's values.
  kDropValues,  // Drops those with one of the matcher's values.
  kRegex,       // Needs each distinct value, or the labels of each series.
};

struct Condition {
  Effect effect = Effect::kRegex;
  std::vector<std::string> values;
};

Condition ConditionOf(const Matcher& matcher) {
  const std::string& value = matcher.value();
  switch (matcher.op()) {
    case MatchOp::kEqual:
      if (value.empty()) return {.effect = Effect::kDropName, .values = {}};
      return {.effect = Effect::kKeepValues, .values = {value}};
    case MatchOp::kNotEqual:
      if (value.empty()) return {.effect = Effect::kKeepName, .values = {}};
      return {.effect = Effect::kDropValues, .values = {value}};
    case MatchOp::kRegex:
      if (value == ".*") return {.effect = Effect::kNone, .values = {}};
      if (value == ".+") return {.effect = Effect::kKeepName, .values = {}};
      break;
    case MatchOp::kNotRegex:
      if (value == ".+") return {.effect = Effect::kDropName, .values = {}};
      break;
  }
  const std::vector<std::string>* set = matcher.literal_set();
  if (set == nullptr || std::ranges::count(*set, "") > 0) return {};
  const bool keeps = matcher.op() == MatchOp::kRegex;
  return {.effect = keeps ? Effect::kKeepValues : Effect::kDropValues, .values = *set};
}

// Series narrowed step by step; "all" until the first set to keep.
class Narrowing {
 public:
  void Keep(Postings series) { kept_ = kept_ ? And(*kept_, series) : std::move(series); }
  void Drop(const Postings& series) { kept_ = Minus(*kept_, series); }
  bool is_all() const { return !kept_.has_value(); }
  bool is_few() const { return kept_ && kept_->size() <= kFewSeries; }
  const Postings& series() const { return *kept_; }

 private:
  std::optional<Postings> kept_;
};

}  // namespace

Result<Postings> SeriesLookup::Find(const model::Matchers& matchers) const {
  Narrowing narrowing;
  std::vector<std::pair<const Matcher*, Condition>> drops;
  std::vector<const Matcher*> regexes;
  for (const Matcher& matcher : matchers) {
    Condition condition = ConditionOf(matcher);
    if (condition.effect == Effect::kKeepName) {
      SKALD_ASSIGN_OR_RETURN(Postings series, WithName(matcher.name()));
      narrowing.Keep(std::move(series));
    } else if (condition.effect == Effect::kKeepValues) {
      SKALD_ASSIGN_OR_RETURN(Postings series, WithAnyValue(matcher.name(), condition.values));
      narrowing.Keep(std::move(series));
    } else if (condition.effect == Effect::kRegex) {
      regexes.push_back(&matcher);
    } else if (condition.effect != Effect::kNone) {
      drops.emplace_back(&matcher, std::move(condition));
    }
  }
  // Regexes that a missing label does not match first: they may spare reading all series.
  std::stable_partition(regexes.begin(), regexes.end(),
                        [](const Matcher* m) { return !m->MatchesEmpty(); });
  size_t done = 0;
  for (; done < regexes.size() && !narrowing.is_few(); ++done) {
    const Matcher& matcher = *regexes[done];
    if (matcher.MatchesEmpty()) break;
    SKALD_ASSIGN_OR_RETURN(Postings series, WithMatchedValues(matcher, true));
    narrowing.Keep(std::move(series));
  }
  if (narrowing.is_all()) {
    SKALD_ASSIGN_OR_RETURN(Postings series, All());
    narrowing.Keep(std::move(series));
  }
  for (const auto& [matcher, condition] : drops) {
    Result<Postings> series = condition.effect == Effect::kDropName
                                  ? WithName(matcher->name())
                                  : WithAnyValue(matcher->name(), condition.values);
    if (!series.ok()) return series;
    narrowing.Drop(*series);
  }
  for (; done < regexes.size() && !narrowing.is_few(); ++done) {
    SKALD_ASSIGN_OR_RETURN(const Postings series, WithMatchedValues(*regexes[done], false));
    narrowing.Drop(series);
  }
  return KeepMatching(narrowing.series(), {regexes.begin() + done, regexes.end()});
}

Status MoveToSeries(SeriesId id, std::string_view key, KvCursor& cursor) {
  // Where ids follow each other the cursor is there already.
  if (cursor.Valid() && cursor.key() < key) cursor.Seek(key);
  if (cursor.Valid() && cursor.key() == key) return {};
  SKALD_RETURN_IF_ERROR(cursor.status());
  return DataLoss("index: series " + std::to_string(id) + " has no labels");
}

Result<std::shared_ptr<const model::Labels>> SeriesLookup::LabelsOf(SeriesId id) const {
  const std::string key = SeriesKey(tenant_, period_, id);
  if (auto cached = labels_cache_.Get(key); cached != nullptr) return cached;
  SKALD_ASSIGN_OR_RETURN(const std::optional<std::string> encoded, snapshot_.Get(key));
  if (!encoded) return DataLoss("index: series " + std::to_string(id) + " has no labels");
  SKALD_ASSIGN_OR_RETURN(model::Labels decoded, model::Labels::Decode(*encoded));
  auto labels = std::make_shared<const model::Labels>(std::move(decoded));
  labels_cache_.Put(key, labels, encoded->size() + kLabelsOverhead);
  return labels;
}

Result<Postings> SeriesLookup::WithValue(std::string_view name, std::string_view value) const {
  return ReadContainers(PostingsPrefix(tenant_, period_, name, value));
}

Result<Postings> SeriesLookup::WithName(std::string_view name) const {
  return ReadContainers(PresencePrefix(tenant_, period_, name));
}

Result<std::vector<std::string>> SeriesLookup::Names() const {
  std::vector<std::string> names;
  KvCursor cursor = snapshot_.Scan(NamesPrefix(tenant_, period_));
  for (; cursor.Valid(); cursor.Next()) names.emplace_back(cursor.key());
  SKALD_RETURN_IF_ERROR(cursor.status());
  return names;
}

template <typename Read>
Result<TextList> SeriesLookup::ReadPieces(const std::string& prefix, const Read& read) const {
  std::vector<std::string> cuts;
  if (workers_ != nullptr) {
    const size_t most = kPiecesPerThread * (workers_->threads() + 1) - 1;
    SKALD_ASSIGN_OR_RETURN(cuts, snapshot_.Cuts(prefix, kValuesAtOnceBytes, most));
  }
  cuts.emplace_back();  // The end of all.
  std::vector<TextList> pieces(cuts.size());
  const auto read_piece = [&](size_t i) -> Status {
    KvCursor cursor = snapshot_.Scan(prefix, i == 0 ? std::string() : cuts[i - 1], cuts[i]);
    SKALD_RETURN_IF_ERROR(read(cursor, pieces[i]));
    return cursor.status();
  };
  SKALD_RETURN_IF_ERROR(ParallelFor(workers_, cuts.size(), read_piece));
  size_t count = 0;
  for (const TextList& piece : pieces) count += piece.size();
  TextList all;
  if (pieces.size() > 1) all.Reserve(count);
  for (TextList& piece : pieces) all.Append(std::move(piece));
  return all;
}

Result<TextList> SeriesLookup::Values(std::string_view name, const CancelToken& cancel) const {
  if (known_.lists == nullptr) return MatchedValues(name, {});
  const std::string key = ValuesPrefix(tenant_, period_, name);
  SKALD_ASSIGN_OR_RETURN(std::optional<TextList> list,
                         known_.lists->Get(key, known_.at, cancel, workers_));
  if (list) return *std::move(list);
  SKALD_ASSIGN_OR_RETURN(TextList values, MatchedValues(name, {}));
  known_.lists->Put(key, known_.at, values);
  return values;
}

Result<TextList> SeriesLookup::MatchedValues(std::string_view name,
                                             const model::Matchers& matchers) const {
  const auto read = [&](KvCursor& cursor, TextList& values) -> Status {
    for (; cursor.Valid(); cursor.Next()) {
      const std::string_view value = cursor.key();
      if (model::MatchValue(matchers, value)) values.Add(value);
    }
    return {};
  };
  return ReadPieces(ValuesPrefix(tenant_, period_, name), read);
}

Result<std::vector<std::string>> SeriesLookup::NamesOf(const Postings& series) const {
  if (series.empty()) return std::vector<std::string>();
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> all, Names());
  std::vector<std::string> names;
  for (const std::string& name : all) {
    SKALD_ASSIGN_OR_RETURN(const Postings having, WithName(name));
    if (Intersect(series, having)) names.push_back(name);
  }
  return names;
}

Result<TextList> SeriesLookup::ValuesOf(std::string_view name, const Postings& series,
                                        const CancelToken& cancel) const {
  if (series.size() > kFewSeries) return ValuesOfMany(name, series, cancel);
  TextList values;
  for (const SeriesId id : series) {
    SKALD_ASSIGN_OR_RETURN(const auto labels, LabelsOf(id));
    if (const std::string_view value = labels->Get(name); !value.empty()) {
      values.Add(value);
    }
  }
  SKALD_RETURN_IF_ERROR(values.SortUnique());
  return values;
}

// All postings of the name are read, in the order of keys, in place of those of one value after the
// other, each of which is to be found.
Result<TextList> SeriesLookup::ValuesOfMany(std::string_view name, const Postings& series,
                                            const CancelToken& cancel) const {
  std::vector<bool> wanted(size_t{series.back()} + 1);
  for (const SeriesId id : series) wanted[id] = true;
  const auto is_wanted = [&](SeriesId id) { return id < wanted.size() && wanted[id]; };
  const auto read = [&](KvCursor& cursor, TextList& found) -> Status {
    Postings ids;
    for (; cursor.Valid(); cursor.Next()) {
      SKALD_ASSIGN_OR_RETURN(const auto posting, DecodeNamePosting(cursor.key()));
      const auto [value, container] = posting;
      if (!found.empty() && found[found.size() - 1] == value) continue;
      ids.clear();
      SKALD_RETURN_IF_ERROR(DecodeContainer(container, cursor.value(), ids));
      if (std::ranges::any_of(ids, is_wanted)) found.Add(value);
    }
    return {};
  };
  SKALD_ASSIGN_OR_RETURN(TextList values,
                         ReadPieces(NamePostingsPrefix(tenant_, period_, name), read));
  // Short values are before long ones, and one may be in two pieces.
  SKALD_RETURN_IF_ERROR(values.SortUnique(cancel, workers_));
  return values;
}

Result<model::SeriesList> SeriesLookup::LabelsWithin(const Postings& series,
                                                     model::TimeRange range) const {
  const std::span<const SeriesId> ids(series);
  std::vector<model::SeriesList> pieces((ids.size() + kSeriesAtOnce - 1) / kSeriesAtOnce);
  const auto read = [&](size_t i) {
    const size_t begin = i * kSeriesAtOnce;
    return AddLabelsWithin(ids.subspan(begin, std::min(kSeriesAtOnce, ids.size() - begin)), range,
                           pieces[i]);
  };
  SKALD_RETURN_IF_ERROR(ParallelFor(workers_, pieces.size(), read));
  model::SeriesList all;
  if (pieces.size() > 1) all.Reserve(ids.size());
  for (model::SeriesList& piece : pieces) all.Append(std::move(piece));
  return all;
}

Status SeriesLookup::AddLabelsWithin(std::span<const SeriesId> series, model::TimeRange range,
                                     model::SeriesList& list) const {
  if (series.empty()) return {};
  KvCursor cursor =
      snapshot_.Scan(SeriesPrefix(tenant_, period_), SeriesKeyRest(series.front()), {});
  for (const SeriesId id : series) {
    const std::string key = SeriesKeyRest(id);
    SKALD_RETURN_IF_ERROR(MoveToSeries(id, key, cursor));
    const std::string encoded(cursor.value());
    for (cursor.Next(); cursor.Valid() && cursor.key().starts_with(key); cursor.Next()) {
      SKALD_ASSIGN_OR_RETURN(const bool touches, ChunkTouches(cursor.value(), range));
      if (!touches) continue;
      SKALD_ASSIGN_OR_RETURN(const model::Labels labels, model::Labels::Decode(encoded));
      list.Add(labels);
      cursor.Next();  // Mostly to the next series.
      break;
    }
  }
  return cursor.status();
}

Result<Postings> SeriesLookup::ReadContainers(const std::string& prefix) const {
  Postings ids;
  KvCursor cursor = snapshot_.Scan(prefix);
  for (; cursor.Valid(); cursor.Next()) {
    SKALD_RETURN_IF_ERROR(DecodeContainer(cursor.key(), cursor.value(), ids));
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  // In order already, but for an append that was repeated after a failure.
  return Normalized(std::move(ids));
}

Result<Postings> SeriesLookup::WithAnyValue(std::string_view name,
                                            const std::vector<std::string>& values) const {
  Postings ids;
  for (const std::string& value : values) {
    SKALD_ASSIGN_OR_RETURN(const Postings series, WithValue(name, value));
    ids.insert(ids.end(), series.begin(), series.end());
  }
  return Normalized(std::move(ids));
}

Result<Postings> SeriesLookup::WithMatchedValues(const Matcher& matcher, bool matched) const {
  std::vector<std::string> values;
  size_t all = 0;
  KvCursor cursor = snapshot_.Scan(ValuesPrefix(tenant_, period_, matcher.name()));
  for (; cursor.Valid(); cursor.Next(), ++all) {
    if (matcher.Matches(cursor.key()) == matched) values.emplace_back(cursor.key());
    if (values.size() > kFewSeries && values.size() > all / kSeeksPerScan) {
      return WithManyMatched(matcher, matched);
    }
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return WithAnyValue(matcher.name(), values);
}

Result<Postings> SeriesLookup::WithManyMatched(const Matcher& matcher, bool matched) const {
  Postings ids;
  std::string last;  // A value's containers follow each other.
  bool takes = matcher.Matches(last) == matched;
  KvCursor cursor = snapshot_.Scan(NamePostingsPrefix(tenant_, period_, matcher.name()));
  for (; cursor.Valid(); cursor.Next()) {
    SKALD_ASSIGN_OR_RETURN(const auto posting, DecodeNamePosting(cursor.key()));
    const auto [value, container] = posting;
    if (value != last) {
      last = value;
      takes = matcher.Matches(value) == matched;
    }
    if (takes) SKALD_RETURN_IF_ERROR(DecodeContainer(container, cursor.value(), ids));
  }
  SKALD_RETURN_IF_ERROR(cursor.status());
  return Normalized(std::move(ids));
}

Result<Postings> SeriesLookup::KeepMatching(const Postings& series,
                                            const std::vector<const Matcher*>& matchers) const {
  if (matchers.empty()) return series;
  Postings kept;
  for (const SeriesId id : series) {
    SKALD_ASSIGN_OR_RETURN(const auto labels, LabelsOf(id));
    const bool matches = std::ranges::all_of(
        matchers, [&](const Matcher* m) { return m->Matches(labels->Get(m->name())); });
    if (matches) kept.push_back(id);
  }
  return kept;
}

}  // namespace skald::chunkstore
