#include "ingester/value_order.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <utility>

#include "common/parallel_for.h"
#include "common/text_sort.h"

namespace skald::ingester {
namespace {

// Values between two looks at the token, and which one thread takes at once.
constexpr size_t kValuesAtOnce = 16384;

// Texts and numbers that are fetched in time.
constexpr size_t kAhead = 32;

// Calls body(i, begin, end) for the i-th piece of `count` items.
Status ForPieces(size_t count, const CancelToken& cancel, Executor* workers,
                 const std::function<void(size_t i, size_t begin, size_t end)>& body) {
  const size_t pieces = (count + kValuesAtOnce - 1) / kValuesAtOnce;
  return ParallelFor(workers, pieces, [&](size_t i) -> Status {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    body(i, i * kValuesAtOnce, std::min(count, (i + 1) * kValuesAtOnce));
    return {};
  });
}

// Finds the table in whose blocks a text lies. There are few blocks, and each is as likely as any:
// a search that the processor has no branch to guess of takes a third of the time of another.
class TableFinder {
 public:
  // The blocks, each with the number of the first value of its table.
  using Block = std::pair<TextPlace, uint32_t>;
  explicit TableFinder(std::vector<Block> blocks) : begins_(std::bit_ceil(blocks.size())) {
    std::ranges::sort(blocks, std::less<>(), &Block::first);
    std::ranges::fill(begins_, std::numeric_limits<uintptr_t>::max());
    for (size_t i = 0; i < blocks.size(); ++i) {
      begins_[i] = reinterpret_cast<uintptr_t>(blocks[i].first);
      first_numbers_.push_back(blocks[i].second);
    }
  }

  uint32_t FirstNumberOf(TextPlace place) const {
    const auto address = reinterpret_cast<uintptr_t>(place);
    size_t at = 0;
    for (size_t step = begins_.size() / 2; step > 0; step /= 2) {
      at += step * static_cast<size_t>(begins_[at + step] <= address);
    }
    return first_numbers_[at];
  }

 private:
  std::vector<uintptr_t> begins_;  // Ascending; a power of two of them, the last of no block.
  std::vector<uint32_t> first_numbers_;
};

}  // namespace

ValueOrder::Part ValueOrder::PartOf(const ValueTable& table) {
  const std::span<const ValueTable::Value> values = table.values();
  Part part{.numbering = table.numbering(), .count = values.size(), .places = {}, .blocks = {}};
  part.blocks.assign(table.blocks().begin(), table.blocks().end());
  part.places.reserve(table.size());
  for (const ValueTable::Value& value : values) {
    if (!value.streams.empty()) part.places.push_back(value.place);
  }
  return part;
}

Result<std::shared_ptr<const ValueOrder>> ValueOrder::Make(std::vector<Part> parts,
                                                           const CancelToken& cancel,
                                                           Executor* workers) {
  auto order = std::make_shared<ValueOrder>();
  std::vector<TableFinder::Block> blocks;
  TextPlaces& places = order->places_;
  for (Part& part : parts) {
    for (const auto& block : part.blocks) {
      blocks.emplace_back(block.get(), static_cast<uint32_t>(order->size_));
    }
    places.insert(places.end(), part.places.begin(), part.places.end());
    part.places = {};
    order->tables_.push_back(
        {.numbering = std::move(part.numbering), .begin = order->size_, .count = part.count});
    order->size_ += part.count;
  }
  SKALD_DCHECK(order->size_ <= kMostValues);
  const TableFinder tables(std::move(blocks));
  SKALD_RETURN_IF_ERROR(SortAllTexts(places, cancel, workers));
  order->numbers_.resize(places.size());
  const auto number = [&](size_t, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      if (i + kAhead < end) __builtin_prefetch(places[i + kAhead]);
      const bool repeat = i > 0 && TextAt(places[i]) == TextAt(places[i - 1]);
      order->numbers_[i] = (tables.FirstNumberOf(places[i]) + ValueTable::NumberAt(places[i])) |
                           (repeat ? kRepeat : 0);
    }
  };
  SKALD_RETURN_IF_ERROR(ForPieces(places.size(), cancel, workers, number));
  return std::shared_ptr<const ValueOrder>(std::move(order));
}

// For texts of which the first value is in [begin, end); returns for how many.
size_t ValueOrder::PickSome(size_t begin, size_t end, std::span<const uint8_t> wanted,
                            TextPlace* out) const {
  TextPlace* to = out;
  while (begin < end && (numbers_[begin] & kRepeat) != 0) ++begin;
  if (begin == end) return 0;
  bool picked = false;  // One of that text.
  for (size_t i = begin; i < numbers_.size(); ++i) {
    const bool repeat = (numbers_[i] & kRepeat) != 0;
    if (i >= end && !repeat) break;
    if (repeat && picked) continue;
    picked = wanted[numbers_[i] & ~kRepeat] != 0;
    *to = places_[i];
    to += picked ? 1 : 0;
  }
  return static_cast<size_t>(to - out);
}

Result<TextPlaces> ValueOrder::Pick(std::span<const uint8_t> wanted, const CancelToken& cancel,
                                    Executor* workers) const {
  TextPlaces picked;
  picked.resize(numbers_.size());
  std::vector<std::span<TextPlace>> pieces((numbers_.size() + kValuesAtOnce - 1) / kValuesAtOnce);
  const auto pick = [&](size_t i, size_t begin, size_t end) {
    TextPlace* const out = picked.data() + begin;
    pieces[i] = {out, PickSome(begin, end, wanted, out)};
  };
  SKALD_RETURN_IF_ERROR(ForPieces(numbers_.size(), cancel, workers, pick));
  TextPlace* to = picked.data();
  for (const std::span<TextPlace> piece : pieces) {
    to = to == piece.data() ? to + piece.size() : std::ranges::copy(piece, to).out;
  }
  picked.resize(static_cast<size_t>(to - picked.data()));
  return picked;
}

}  // namespace skald::ingester
