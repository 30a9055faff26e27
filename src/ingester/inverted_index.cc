#include "ingester/inverted_index.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace skald::ingester {
namespace {

using Ids = InvertedIndex::Ids;
using Values = InvertedIndex::Values;

// With no more candidates than this, their labels are looked at in place of further lists, one of
// which may be of all streams.
constexpr size_t kFewCandidates = 64;

// What the id of one more stream takes in a list, and a distinct value: its place in a table of
// which a third is free, and what of its text is not in there.
constexpr size_t kIdBytes = sizeof(IdList::Id);

size_t ValueBytes(std::string_view value) {
  constexpr size_t kPlaceBytes = sizeof(Values::value_type) * 3 / 2;
  const size_t inside = std::string().capacity();
  return kPlaceBytes + (value.size() > inside ? value.size() + 1 : 0);
}

void AppendTo(Ids& out, const IdList& list) {
  const auto ids = list.ids();
  out.insert(out.end(), ids.begin(), ids.end());
}

Ids IdsOf(const Values& values, const std::vector<std::string>& wanted) {
  Ids out;
  for (const std::string& value : wanted) {
    if (const auto it = values.find(value); it != values.end()) {
      AppendTo(out, it->second);
    }
  }
  std::ranges::sort(out);  // A stream has one value: no id comes twice.
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Ids IdsMatching(const Values& values, const model::Matcher& matcher) {
  Ids out;
  for (const auto& [value, ids] : values) {
    if (matcher.Matches(value)) AppendTo(out, ids);
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
size_t CountOf(const StringMap<Values>& names, const model::Matcher& matcher) {
  const auto name = names.find(matcher.name());
  if (name == names.end()) return 0;
  const auto value = name->second.find(matcher.value());
  return value == name->second.end() ? 0 : value->second.size();
}

}  // namespace

void IdList::Add(Id id) {
  if (count_ == 0) {
    one_ = id;
    count_ = 1;
    return;
  }
  if (many_ == nullptr) {
    if (one_ == id) return;
    many_ = std::make_unique<std::vector<Id>>(1, one_);
  }
  // Mostly the newest stream has the highest id.
  std::vector<Id>& ids = *many_;
  const auto at = ids.back() < id ? ids.end() : std::ranges::lower_bound(ids, id);
  if (at == ids.end() || *at != id) ids.insert(at, id);
  count_ = static_cast<uint32_t>(ids.size());
}

void IdList::Remove(Id id) {
  if (many_ == nullptr) {
    if (count_ == 1 && one_ == id) count_ = 0;
    return;
  }
  std::vector<Id>& ids = *many_;
  if (const auto at = std::ranges::lower_bound(ids, id); at != ids.end() && *at == id) {
    ids.erase(at);
  }
  count_ = static_cast<uint32_t>(ids.size());
  if (count_ > 1) return;
  if (count_ == 1) one_ = ids.front();
  many_.reset();
}

void InvertedIndex::Add(Id id, const model::Labels& labels) {
  for (const model::LabelView label : labels) {
    auto name = names_.find(label.name);
    if (name == names_.end()) name = names_.try_emplace(std::string(label.name)).first;
    auto value = name->second.find(label.value);
    if (value == name->second.end()) {
      value = name->second.try_emplace(std::string(label.value)).first;
      memory_bytes_ += ValueBytes(label.value);
    }
    value->second.Add(id);
    memory_bytes_ += kIdBytes;
  }
}

void InvertedIndex::Remove(Id id, const model::Labels& labels) {
  for (const model::LabelView label : labels) {
    const auto name = names_.find(label.name);
    if (name == names_.end()) continue;
    const auto value = name->second.find(label.value);
    if (value == name->second.end()) continue;
    value->second.Remove(id);
    memory_bytes_ -= kIdBytes;
    if (!value->second.empty()) continue;
    memory_bytes_ -= ValueBytes(label.value);
    name->second.erase(value);
    if (name->second.empty()) names_.erase(name);
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
    const Values& values = name->second;
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
