#include "logql/answer_streams.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "logql/metric/label_group.h"

namespace skald::logql {
namespace {

// All labels of an entry as text.
std::string AllLabels(const model::Labels& of_stream, const model::ResultEntry& entry) {
  std::vector<model::LabelView> all;
  for (const model::Labels* labels : {&of_stream, &entry.structured_metadata, &entry.parsed}) {
    for (const model::LabelView label : *labels) all.push_back(label);
  }
  return model::Labels(std::move(all)).ToString();
}

// Puts entries of one time that differ in structured metadata or parsed labels in the order of all
// their labels, or backward in the opposite one.
// Compat: such entries count as streams of their own, of which each keeps its order of arrival.
void OrderEqualTimes(model::Direction direction, model::ResultStream& stream) {
  std::vector<model::ResultEntry>& entries = stream.entries;
  for (auto begin = entries.begin(); begin != entries.end();) {
    const auto end = std::find_if(begin, entries.end(), [&begin](const auto& entry) {
      return entry.time_ns != begin->time_ns;
    });
    const bool differ = std::any_of(begin, end, [&begin](const auto& entry) {
      return entry.structured_metadata != begin->structured_metadata ||
             entry.parsed != begin->parsed;
    });
    if (differ) {
      std::vector<std::pair<std::string, model::ResultEntry>> keyed;
      for (auto entry = begin; entry != end; ++entry) {
        std::string key = AllLabels(stream.labels, *entry);
        keyed.emplace_back(std::move(key), std::move(*entry));
      }
      const bool forward = direction == model::Direction::kForward;
      std::stable_sort(keyed.begin(), keyed.end(), [forward](const auto& a, const auto& b) {
        return forward ? a.first < b.first : b.first < a.first;
      });
      std::transform(std::make_move_iterator(keyed.begin()), std::make_move_iterator(keyed.end()),
                     begin, [](auto&& pair) { return std::move(pair.second); });
    }
    begin = end;
  }
}

}  // namespace

std::vector<model::ResultStream> GroupByLabels(std::vector<FoundEntry> entries,
                                               model::Direction direction, bool sorted) {
  LabelNumbers numbers;
  std::vector<model::ResultStream> streams;
  for (FoundEntry& entry : entries) {
    const uint32_t stream = numbers.Number(entry.labels);
    if (stream == streams.size()) {
      streams.push_back({.labels = std::move(entry.labels), .entries = {}});
    }
    streams[stream].entries.push_back({.time_ns = entry.time_ns,
                                       .line = std::move(entry.line),
                                       .structured_metadata = std::move(entry.structured_metadata),
                                       .parsed = std::move(entry.parsed)});
  }
  if (!sorted) {
    for (model::ResultStream& stream : streams) OrderEqualTimes(direction, stream);
    std::sort(streams.begin(), streams.end(),
              [](const auto& a, const auto& b) { return a.labels < b.labels; });
  }
  return streams;
}

}  // namespace skald::logql
