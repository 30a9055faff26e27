#include "querier/cardinality.h"

#include <string_view>
#include <tuple>

#include "common/hash.h"
#include "model/labels.h"

namespace skald::querier {
namespace {

void Add(const rpc::StreamSize& stream, StreamAmount& amount) {
  ++amount.streams;
  amount.entries += stream.entries;
  amount.bytes += stream.bytes;
}

// The `limit` items with the highest `rank`, a tuple whose last members break ties.
template <typename Item, typename Rank>
std::vector<Item> Top(const std::vector<Item>& items, size_t limit, const Rank& rank) {
  std::vector<const Item*> order;
  order.reserve(items.size());
  for (const Item& item : items) order.push_back(&item);
  const size_t count = std::min(limit, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](const Item* a, const Item* b) { return rank(*a, *b); });
  std::vector<Item> top;
  for (size_t i = 0; i < count; ++i) top.push_back(*order[i]);
  return top;
}

// Orders by a number, the highest first, then by what `name` gives.
template <typename Number, typename Name>
auto Descending(const Number& number, const Name& name) {
  return [&number, &name](const auto& a, const auto& b) {
    return std::tuple(number(b), name(a)) < std::tuple(number(a), name(b));
  };
}

}  // namespace

Cardinality CountLabelsOf(const std::vector<rpc::StreamSize>& streams, size_t limit) {
  Cardinality all;
  ViewMap<ViewMap<StreamAmount>> labels;  // Texts are the streams'.
  for (const rpc::StreamSize& stream : streams) {
    Add(stream, all.total);
    for (const model::LabelView label : *stream.labels) {
      Add(stream, labels[label.name][label.value]);
    }
  }
  std::vector<LabelNameUse> names;
  std::vector<LabelValueUse> values;
  for (const auto& [name, of_name] : labels) {
    LabelNameUse& use = names.emplace_back();
    use.name = name;
    use.values = of_name.size();
    for (const auto& [value, amount] : of_name) {
      use.amount.streams += amount.streams;
      use.amount.entries += amount.entries;
      use.amount.bytes += amount.bytes;
      values.push_back({.name = use.name, .value = std::string(value), .amount = amount});
    }
  }
  all.names = names.size();
  all.values = values.size();

  const auto name_of = [](const auto& use) { return std::string_view(use.name); };
  const auto pair_of = [](const LabelValueUse& use) {
    return std::tuple<std::string_view, std::string_view>(use.name, use.value);
  };
  const auto labels_of = [](const rpc::StreamSize& stream) { return stream.labels->encoded(); };
  const auto values_of = [](const LabelNameUse& use) { return use.values; };
  const auto bytes_of = [](const auto& use) { return use.amount.bytes; };
  const auto streams_of = [](const auto& use) { return use.amount.streams; };
  const auto stream_entries = [](const rpc::StreamSize& stream) { return stream.entries; };
  const auto stream_bytes = [](const rpc::StreamSize& stream) { return stream.bytes; };
  all.names_by_values = Top(names, limit, Descending(values_of, name_of));
  all.names_by_bytes = Top(names, limit, Descending(bytes_of, name_of));
  all.values_by_streams = Top(values, limit, Descending(streams_of, pair_of));
  all.values_by_bytes = Top(values, limit, Descending(bytes_of, pair_of));
  all.streams_by_entries = Top(streams, limit, Descending(stream_entries, labels_of));
  all.streams_by_bytes = Top(streams, limit, Descending(stream_bytes, labels_of));
  return all;
}

}  // namespace skald::querier
