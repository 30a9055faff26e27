// What TenantStreams lists of its streams' labels.
#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/parallel_for.h"
#include "ingester/tenant_streams.h"
#include "model/stream_lookup.h"
#include "model/value_matchers.h"

namespace skald::ingester {
namespace {

// With fewer, other threads are awake when all is done, and values are sorted as fast as their
// order is looked up.
constexpr size_t kManyStreams = 50'000;
// An order is of use until it lacks one of so many values: these are sorted for each list.
constexpr size_t kKnownPerUnknown = 32;
// Values whose streams' times are fetched before they are asked for: where streams have come and
// gone, they lie anywhere.
constexpr size_t kAhead = 64;

}  // namespace

// A stream whose times leave its answer open is asked itself, once: of every name and value of it.
class TenantStreams::InRange {
 public:
  InRange(const StreamList& streams, const std::deque<StreamTimes>& times, model::TimeRange range)
      : streams_(streams), times_(times), range_(range) {}

  // Has the processor fetch what the answer most likely rests on.
  void Prefetch(const IdList& list) const {
    if (!list.empty()) __builtin_prefetch(&times_[list.ids().front()]);
  }

  bool operator()(const IdList& list) {
    return std::ranges::any_of(list.ids(), [this](IdList::Id id) {
      const std::optional<bool> known = times_[id].Touch(range_);
      return known.has_value() ? *known : Ask(id);
    });
  }

 private:
  enum class Answer : uint8_t { kNotAsked, kYes, kNo };

  bool Ask(IdList::Id id) {
    answers_.resize(streams_.size());
    Answer& answer = answers_[id];
    if (answer == Answer::kNotAsked) {
      answer = streams_[id]->HasEntriesIn(range_) ? Answer::kYes : Answer::kNo;
    }
    return answer == Answer::kYes;
  }

  const StreamList& streams_;
  const std::deque<StreamTimes>& times_;
  const model::TimeRange range_;
  std::vector<Answer> answers_;  // Of those who were asked; empty if none was.
};

Result<std::vector<std::string>> TenantStreams::LabelNames(const model::Matchers& matchers,
                                                           model::TimeRange range,
                                                           const CancelToken& cancel) const {
  std::set<std::string, std::less<>> names;
  const auto add = [&names](std::string_view name) {
    if (names.find(name) == names.end()) names.emplace(name);
  };
  if (!matchers.empty()) {
    for (const Shard& shard : shards_) {
      SKALD_RETURN_IF_ERROR(
          VisitMatches(shard, matchers, range, cancel, [&](const std::shared_ptr<Stream>& stream) {
            for (const model::LabelView& label : *stream->labels()) add(label.name);
          }));
    }
    return std::vector<std::string>(names.begin(), names.end());
  }
  for (const Shard& shard : shards_) {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    MutexLock lock(shard.mutex);
    InRange in_range(shard.streams, shard.times, range);
    for (const auto& [name, values] : shard.index.names()) {
      if (names.find(name) != names.end()) continue;
      const bool any = std::ranges::any_of(
          values.values(), [&in_range](const auto& value) { return in_range(value.streams); });
      if (any) add(name);
    }
  }
  return std::vector<std::string>(names.begin(), names.end());
}

void TenantStreams::AddValues(const Shard& shard, std::string_view name,
                              const model::Matchers& matchers, model::TimeRange range,
                              TextList& values) {
  MutexLock lock(shard.mutex);
  const auto found = shard.index.names().find(name);
  if (found == shard.index.names().end()) return;
  // With matchers few may be left, for which the texts of all should not be held.
  const bool borrows = matchers.empty();
  if (borrows) {
    values.Reserve(found->second.size());
    found->second.LendTo(values);
  }
  InRange in_range(shard.streams, shard.times, range);
  const std::span<const ValueTable::Value> all = found->second.values();
  for (size_t i = 0; i < all.size(); ++i) {
    if (i + kAhead < all.size()) in_range.Prefetch(all[i + kAhead].streams);
    const ValueTable::Value& value = all[i];
    if (value.streams.empty() || !model::MatchValue(matchers, value.text())) continue;
    if (!in_range(value.streams)) continue;
    borrows ? values.AddBorrowed(value.place) : values.Add(value.text());
  }
}

void TenantStreams::AddNumbered(const Shard& shard, size_t i, std::string_view name,
                                model::TimeRange range, const ValueOrder& order,
                                std::span<uint8_t> wanted, TextList& values) {
  MutexLock lock(shard.mutex);
  const auto found = shard.index.names().find(name);
  if (found == shard.index.names().end()) return;
  found->second.LendTo(values);
  if (!order.Holds(i, found->second.numbering())) wanted = {};
  InRange in_range(shard.streams, shard.times, range);
  const std::span<const ValueTable::Value> all = found->second.values();
  for (size_t number = 0; number < all.size(); ++number) {
    if (number + kAhead < all.size()) in_range.Prefetch(all[number + kAhead].streams);
    const ValueTable::Value& value = all[number];
    if (!in_range(value.streams)) continue;
    if (number < wanted.size()) {
      wanted[number] = 1;
    } else {
      values.AddBorrowed(value.place);
    }
  }
}

std::shared_ptr<const ValueOrder> TenantStreams::FindOrder(std::string_view name) const {
  MutexLock lock(orders_mutex_);
  const auto kept = orders_.find(name);
  if (kept == orders_.end()) return nullptr;
  kept->second.used = true;
  return kept->second.order;
}

bool TenantStreams::AreSettled(std::string_view name, size_t count) const {
  MutexLock lock(orders_mutex_);
  KeptOrder& kept = orders_[name];
  const size_t before = std::exchange(kept.listed, count);
  kept.used = true;
  return count <= before + count / kKnownPerUnknown;
}

void TenantStreams::KeepOrder(std::string_view name,
                              std::shared_ptr<const ValueOrder> order) const {
  std::shared_ptr<const ValueOrder> before;  // Destroyed after the lock is released.
  MutexLock lock(orders_mutex_);
  KeptOrder& kept = orders_[name];
  before = std::exchange(kept.order, std::move(order));
  kept.used = true;
  context_.stream_bytes += static_cast<int64_t>(kept.order->memory_bytes()) -
                           static_cast<int64_t>(before != nullptr ? before->memory_bytes() : 0);
}

Result<std::shared_ptr<const ValueOrder>> TenantStreams::OrderOf(std::string_view name,
                                                                 const CancelToken& cancel,
                                                                 Executor* workers) const {
  std::shared_ptr<const ValueOrder> order = FindOrder(name);
  size_t count = 0;
  size_t unknown = 0;
  for (size_t i = 0; i < shards_.size(); ++i) {
    MutexLock lock(shards_[i].mutex);
    const auto found = shards_[i].index.names().find(name);
    if (found == shards_[i].index.names().end()) continue;
    const size_t values = found->second.values().size();
    const bool holds = order != nullptr && order->Holds(i, found->second.numbering());
    count += values;
    unknown += holds ? values - order->CountOf(i) : values;
  }
  if (count < kManyStreams || count > ValueOrder::kMostValues) {
    return std::shared_ptr<const ValueOrder>();
  }
  if (unknown <= count / kKnownPerUnknown) return order;
  // To make an order for a single list costs more than it saves.
  if (!AreSettled(name, count)) return std::shared_ptr<const ValueOrder>();
  std::vector<ValueOrder::Part> parts(shards_.size());
  SKALD_RETURN_IF_ERROR(ParallelFor(workers, parts.size(), [&](size_t i) -> Status {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    MutexLock lock(shards_[i].mutex);
    const auto found = shards_[i].index.names().find(name);
    if (found != shards_[i].index.names().end()) parts[i] = ValueOrder::PartOf(found->second);
    return {};
  }));
  SKALD_ASSIGN_OR_RETURN(order, ValueOrder::Make(std::move(parts), cancel, workers));
  KeepOrder(name, order);
  return order;
}

void TenantStreams::ForgetOrders() {
  std::vector<std::shared_ptr<const ValueOrder>> forgotten;  // Destroyed without the lock.
  MutexLock lock(orders_mutex_);
  for (auto next = orders_.begin(); next != orders_.end();) {
    const auto kept = next++;
    if (std::exchange(kept->second.used, false)) continue;
    if (kept->second.order != nullptr) {
      context_.stream_bytes -= static_cast<int64_t>(kept->second.order->memory_bytes());
      forgotten.push_back(std::move(kept->second.order));
    }
    orders_.erase(kept);
  }
}

Result<TextList> TenantStreams::OrderedValues(std::string_view name, model::TimeRange range,
                                              const ValueOrder& order, const CancelToken& cancel,
                                              Executor* workers) const {
  std::vector<uint8_t> all_wanted(order.size());
  std::vector<TextList> of_shards(shards_.size());
  SKALD_RETURN_IF_ERROR(ParallelFor(workers, of_shards.size(), [&](size_t i) -> Status {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    const auto wanted = std::span(all_wanted).subspan(order.BeginOf(i), order.CountOf(i));
    AddNumbered(shards_[i], i, name, range, order, wanted, of_shards[i]);
    return {};
  }));
  TextList others;
  for (TextList& list : of_shards) others.Append(std::move(list));
  SKALD_RETURN_IF_ERROR(others.SortUnique(cancel, workers));
  SKALD_ASSIGN_OR_RETURN(TextPlaces picked, order.Pick(all_wanted, cancel, workers));
  TextList values = others.ShareBorrowed(std::move(picked));
  SKALD_RETURN_IF_ERROR(values.Unite(std::move(others), cancel, workers));
  return values;
}

Status TenantStreams::VisitMatches(const Shard& shard, const model::Matchers& matchers,
                                   model::TimeRange range, const CancelToken& cancel,
                                   const Visit& visit) {
  size_t looked_at = 0;
  for (Candidate& candidate : CandidatesOf(shard, matchers, range)) {
    if (looked_at++ % model::kStreamsPerCheck == 0) SKALD_RETURN_IF_ERROR(cancel.Check());
    const Stream& stream = *candidate.stream;
    if (model::MatchesAll(matchers, *stream.labels()) &&
        (candidate.is_known || stream.HasEntriesIn(range))) {
      visit(std::move(candidate.stream));
    }
  }
  return {};
}

Status TenantStreams::AddMatchedValues(const Shard& shard, std::string_view name,
                                       const model::Matchers& matchers, model::TimeRange range,
                                       const CancelToken& cancel, TextList& values) {
  ViewMap<bool> seen;  // A million streams may have one value.
  return VisitMatches(shard, matchers, range, cancel, [&](const std::shared_ptr<Stream>& stream) {
    const model::Labels& labels = *stream->labels();
    if (!labels.Has(name) || seen.contains(labels.Get(name))) return;
    values.Add(labels.Get(name));
    seen.emplace(values[values.size() - 1], true);
  });
}

template <typename List, typename Add>
Result<List> TenantStreams::Gather(const CancelToken& cancel, Executor* workers,
                                   const Add& add) const {
  if (size() < kManyStreams) workers = nullptr;
  std::vector<List> of_shards(shards_.size());
  SKALD_RETURN_IF_ERROR(ParallelFor(workers, of_shards.size(), [&](size_t i) -> Status {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    return add(shards_[i], of_shards[i]);
  }));
  size_t count = 0;
  for (const List& list : of_shards) count += list.size();
  List all;
  all.Reserve(count);
  for (List& list : of_shards) all.Append(std::move(list));
  SKALD_RETURN_IF_ERROR(all.SortUnique(cancel, workers));
  return all;
}

Result<TextList> TenantStreams::LabelValues(std::string_view name, const model::Matchers& matchers,
                                            model::TimeRange range, const CancelToken& cancel,
                                            Executor* workers) const {
  // Where only the value decides whether its streams match, none of them is looked at.
  const bool by_value = model::AreOfEachValue(matchers, name);
  if (matchers.empty() && size() >= kManyStreams) {
    SKALD_ASSIGN_OR_RETURN(const auto order, OrderOf(name, cancel, workers));
    if (order != nullptr) return OrderedValues(name, range, *order, cancel, workers);
  }
  return Gather<TextList>(cancel, workers, [&](const Shard& shard, TextList& values) -> Status {
    if (!by_value) return AddMatchedValues(shard, name, matchers, range, cancel, values);
    AddValues(shard, name, matchers, range, values);
    return {};
  });
}

Result<model::SeriesList> TenantStreams::Series(const model::Matchers& matchers,
                                                model::TimeRange range, const CancelToken& cancel,
                                                Executor* workers) const {
  return Gather<model::SeriesList>(
      cancel, workers, [&](const Shard& shard, model::SeriesList& series) -> Status {
        return VisitMatches(
            shard, matchers, range, cancel,
            [&](const std::shared_ptr<Stream>& stream) { series.Add(*stream->labels()); });
      });
}

}  // namespace skald::ingester
