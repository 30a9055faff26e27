#include "ingester/inverted_index.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace skald::ingester {
namespace {

using Ids = InvertedIndex::Ids;

// With no more candidates than this, their labels are looked at in place of further lists, one of
// which may be of all streams.
constexpr size_t kFewCandidates = 64;

// What a name takes beside its values: its place in a table of which a third is free.
constexpr size_t kNameBytes = sizeof(StringMap<ValueTable>::value_type) * 3 / 2;

void AppendTo(Ids& out, const IdList& list) {
  const auto ids = list.ids();
  out.insert(out.end(), ids.begin(), ids.end());
}

Ids IdsOf(const ValueTable& values, const std::vector<std::string>& wanted) {
  Ids out;
  for (const std::string& value : wanted) {
    if (const IdList* ids = values.Find(value)) AppendTo(out, *ids);
  }
  std::ranges::sort(out);  // A stream has one value: no id comes twice.
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Ids IdsMatching(const ValueTable& values, const model::Matcher& matcher) {
  Ids out;
  for (const ValueTable::Value& value : values.values()) {
    if (!value.streams.empty() && matcher.Matches(value.text())) AppendTo(out, value.streams);
  }
  std::ranges::sort(out);
  return out;
}

// How much work a matcher's ids take to find: the cheapest are taken first, as they may leave so
// few candidates that the others are better checked by labels.
int Rank(const model::Matcher& matcher) {
  if (matcher.op() == model::MatchOp::kEqual) return 0;
  return matcher.literal_set() != nullptr ? 1 : 2;
}

// How many streams have the value that an equality asks for.
size_t CountOf(const StringMap<ValueTable>& names, const model::Matcher& matcher) {
  const auto name = names.find(matcher.name());
  if (name == names.end()) return 0;
  const IdList* ids = name->second.Find(matcher.value());
  return ids == nullptr ? 0 : ids->size();
}

}  // namespace

void InvertedIndex::Add(Id id, const model::Labels& labels) {
  for (const model::LabelView label : labels) {
    auto name = names_.find(label.name);
    if (name == names_.end()) {
      name = names_.try_emplace(std::string(label.name)).first;
      memory_bytes_ += kNameBytes;
    }
    ValueTable& values = name->second;
    memory_bytes_ -= values.memory_bytes();
    values.Add(label.value, id);
    memory_bytes_ += values.memory_bytes();
  }
}

void InvertedIndex::Remove(Id id, const model::Labels& labels) {
  for (const model::LabelView label : labels) {
    const auto name = names_.find(label.name);
    if (name == names_.end()) continue;
    ValueTable& values = name->second;
    memory_bytes_ -= values.memory_bytes();
    values.Remove(label.value, id);
    memory_bytes_ += values.memory_bytes();
    if (!values.empty()) continue;
    names_.erase(name);
    memory_bytes_ -= kNameBytes;
  }
}

std::optional<Ids> InvertedIndex::Candidates(const model::Matchers& matchers) const {
  std::vector<const model::Matcher*> usable;
  for (const model::Matcher& matcher : matchers) {
    // A stream without the label may match the others.
    if (!matcher.MatchesEmpty()) usable.push_back(&matcher);
  }
  // Of equalities the rarest first.
  std::ranges::stable_sort(usable, {}, [&](const auto* matcher) {
    const int rank = Rank(*matcher);
    return std::pair(rank, rank == 0 ? CountOf(names_, *matcher) : 0);
  });

  std::optional<Ids> candidates;
  for (const model::Matcher* matcher : usable) {
    const auto name = names_.find(matcher->name());
    if (name == names_.end()) return Ids();
    const ValueTable& values = name->second;
    if (candidates && Rank(*matcher) == 2 && candidates->size() < values.size()) continue;
    Ids ids = Rank(*matcher) == 0   ? IdsOf(values, {matcher->value()})
              : Rank(*matcher) == 1 ? IdsOf(values, *matcher->literal_set())
                                    : IdsMatching(values, *matcher);
    if (candidates) {
      Ids both;
      std::ranges::set_intersection(*candidates, ids, std::back_inserter(both));
      ids = std::move(both);
    }
    candidates = std::move(ids);
    if (candidates->size() <= kFewCandidates) break;
  }
  return candidates;
}

}  // namespace skald::ingester
