#include "ingester/inverted_index.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace skald::ingester {
namespace {

using Ids = InvertedIndex::Ids;
using Values = StringMap<Ids>;

void AddTo(Ids& ids, InvertedIndex::Id id) {
  // Mostly the newest stream has the highest id.
  const auto at = ids.empty() || ids.back() < id ? ids.end() : std::ranges::lower_bound(ids, id);
  if (at == ids.end() || *at != id) ids.insert(at, id);
}

Ids IdsOf(const Values& values, const std::vector<std::string>& wanted) {
  Ids out;
  for (const std::string& value : wanted) {
    if (const auto it = values.find(value); it != values.end()) {
      out.insert(out.end(), it->second.begin(), it->second.end());
    }
  }
  std::ranges::sort(out);  // A stream has one value: no id comes twice.
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Ids IdsMatching(const Values& values, const model::Matcher& matcher) {
  Ids out;
  for (const auto& [value, ids] : values) {
    if (matcher.Matches(value)) out.insert(out.end(), ids.begin(), ids.end());
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

}  // namespace

void InvertedIndex::Add(Id id, const model::Labels& labels) {
  for (const model::LabelView label : labels) {
    auto name = names_.find(label.name);
    if (name == names_.end()) name = names_.try_emplace(std::string(label.name)).first;
    auto value = name->second.find(label.value);
    if (value == name->second.end()) {
      value = name->second.try_emplace(std::string(label.value)).first;
    }
    AddTo(value->second, id);
  }
}

void InvertedIndex::Remove(Id id, const model::Labels& labels) {
  for (const model::LabelView label : labels) {
    const auto name = names_.find(label.name);
    if (name == names_.end()) continue;
    const auto value = name->second.find(label.value);
    if (value == name->second.end()) continue;
    Ids& ids = value->second;
    if (const auto at = std::ranges::lower_bound(ids, id); at != ids.end() && *at == id) {
      ids.erase(at);
    }
    if (!ids.empty()) continue;
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
  std::ranges::stable_sort(usable, {}, [](const auto* matcher) { return Rank(*matcher); });

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
    if (candidates->empty()) break;
  }
  return candidates;
}

}  // namespace skald::ingester
