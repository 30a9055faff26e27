// Texts are sorted without comparing them, as comparing means to go to where they lie again and
// again.
//
// Many texts are dealt out by two of their bytes, those behind what all begin with, into heaps that
// are dealt out in turn until each fits in the processor's cache: SortHeap. A heap of few thousand
// is sorted by the next eight bytes of each text, taken as one number: SortByKeys; in it only those
// with one number are looked at again, by the eight bytes behind. So `app-17-4` and others of
// `app-1..999-1..999` are dealt out by the two bytes behind `app-`, and the number behind these
// decides: three visits to each text in place of twenty.
//
// A text that ends is before those that go on. Where two bytes are dealt by, "no byte" is a value
// of its own below 0; behind the end of a text a number has zero bytes, so that "a" and "a\0" have
// one number: of those with one number the ones that end in it are first, the shorter the earlier.
#include "common/text_sort.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace skald {
namespace {

using Place = TextPlace;

// So few are compared.
constexpr size_t kFewTexts = 12;
// So many with their numbers, and room for as many again, are 512 KB: half of a small L2 cache.
constexpr size_t kHeapTexts = 16384;
// From so many on passes over digits are less work than comparing numbers.
constexpr size_t kRadixTexts = 256;
// Texts that are fetched in time.
constexpr size_t kAhead = 32;
// Texts that are the same for so long again and again are compared: the stack has an end. Of so
// many at once: between two looks at the token no more work is done than that.
constexpr int kMaxDepth = 64;
constexpr size_t kTextsAtOnce = 1024;

struct Item {
  uint64_t key = 0;
  Place place = nullptr;
};

enum class Repeats : uint8_t { kDrop, kKeep };

// Drops repeats of ordered texts, as `same` tells them; returns how many are left.
template <typename Same>
size_t KeepDistinct(std::span<Place> places, const Same& same) {
  return static_cast<size_t>(std::unique(places.begin(), places.end(), same) - places.begin());
}

// In order by all that is behind `from`.
void SortByComparing(std::span<Place> places, size_t from) {
  const auto rest = [from](Place place) { return TextAt(place).substr(from); };
  std::sort(places.begin(), places.end(), [&](Place a, Place b) { return rest(a) < rest(b); });
}

size_t KeepDistinctTexts(std::span<Place> places, size_t from) {
  const auto rest = [from](Place place) { return TextAt(place).substr(from); };
  return KeepDistinct(places, [&](Place a, Place b) { return rest(a) == rest(b); });
}

// How much of what is behind `from` all texts have in common.
size_t CommonBytes(std::span<const Place> places, size_t from) {
  const std::string_view first = TextAt(places.front());
  size_t common = first.size() - from;
  for (const Place place : places) {
    if (common == 0) break;
    const std::string_view text = TextAt(place);
    const size_t most = std::min(common, text.size() - from);
    if (most == common && text.substr(from, most) == first.substr(from, most)) continue;
    common = CommonPrefix(text.substr(from, most), first.substr(from, most));
  }
  return common;
}

// What heaps are dealt by: the next two bytes, each or its absence.
constexpr uint32_t kByteOrNone = 257;
constexpr uint32_t kDigits = kByteOrNone * kByteOrNone;

uint32_t DigitAt(Place place, size_t from) {
  const std::string_view text = TextAt(place);
  if (from >= text.size()) return 0;
  const uint32_t first = 1 + static_cast<uint8_t>(text[from]);
  const uint32_t second = from + 1 < text.size() ? 1 + static_cast<uint8_t>(text[from + 1]) : 0;
  return first * kByteOrNone + second;
}

// Texts with one digit, and what becomes of them. All are the same for `from` bytes.
struct Heap {
  std::span<Place> places;
  size_t from = 0;
  bool ended = false;  // No text goes on: all are the same.
  size_t left = 0;     // Once sorted: those that were not dropped, at the front.
};

// Moves what is left of each heap to the front of `places`, whose parts they are.
size_t CloseRanks(std::span<Place> places, std::span<const Heap> heaps) {
  size_t left = 0;
  for (const Heap& heap : heaps) {
    Place* const to = places.data() + left;
    if (to != heap.places.data()) std::copy_n(heap.places.data(), heap.left, to);
    left += heap.left;
  }
  return left;
}

// Deals texts out into heaps, which lie one behind the other in their order.
std::vector<Heap> Deal(std::span<Place> places, size_t from) {
  std::vector<uint32_t> digits(places.size());
  std::vector<uint32_t> ends(kDigits);
  for (size_t i = 0; i < places.size(); ++i) {
    digits[i] = DigitAt(places[i], from);
    ++ends[digits[i]];
  }
  std::vector<Heap> heaps;
  uint32_t end = 0;
  for (uint32_t digit = 0; digit < kDigits; ++digit) {
    if (ends[digit] == 0) continue;
    heaps.push_back({.places = places.subspan(end, ends[digit]),
                     .from = from + 2,
                     .ended = digit % kByteOrNone == 0});
    const uint32_t begin = end;
    end += ends[digit];
    ends[digit] = begin;
  }
  const std::vector<Place> all(places.begin(), places.end());
  for (size_t i = 0; i < all.size(); ++i) places[ends[digits[i]]++] = all[i];
  return heaps;
}

// Sorts heaps, one after the other, with the buffers of one thread.
class HeapSorter {
 public:
  HeapSorter(Repeats repeats, const CancelToken& cancel) : repeats_(repeats), cancel_(cancel) {}

  // The error of the token once it is cancelled.
  Status Sort(Heap& heap) {
    heap.left = SortOrEnd(heap, 0);
    return status_;
  }

 private:
  size_t SortOrEnd(const Heap& heap, int depth) {
    if (!heap.ended) return SortHeap(heap.places, heap.from, depth);
    return repeats_ == Repeats::kDrop ? 1 : heap.places.size();
  }

  size_t SortHeap(std::span<Place> places, size_t from, int depth) {
    if (places.size() <= kFewTexts) {
      SortByComparing(places, from);
      return DropRepeats(places, from);
    }
    if (!MayGoOn()) return places.size();
    from += CommonBytes(places, from);
    if (depth > kMaxDepth) {
      SortByMerging(places, from);
      return DropRepeats(places, from);
    }
    if (places.size() <= kHeapTexts) return SortByKeys(places, from, depth);
    std::vector<Heap> heaps = Deal(places, from);
    for (Heap& heap : heaps) heap.left = SortOrEnd(heap, depth + 1);
    return CloseRanks(places, heaps);
  }

  size_t DropRepeats(std::span<Place> places, size_t from) const {
    return repeats_ == Repeats::kDrop ? KeepDistinctTexts(places, from) : places.size();
  }

  bool MayGoOn() {
    if (status_.ok()) status_ = cancel_.Check();
    return status_.ok();
  }

  // As SortByComparing, in steps.
  void SortByMerging(std::span<Place> places, size_t from) {
    if (!MayGoOn()) return;
    if (places.size() <= kTextsAtOnce) return SortByComparing(places, from);
    const std::span<Place> high = places.subspan(places.size() / 2);
    SortByMerging(places.first(places.size() / 2), from);
    SortByMerging(high, from);
    const std::vector<Place> low(places.begin(), high.begin());
    size_t i = 0;
    size_t j = 0;
    while (i < low.size() && j < high.size()) {
      if ((i + j) % kTextsAtOnce == 0 && !MayGoOn()) break;
      const bool is_low = TextAt(low[i]).substr(from) <= TextAt(high[j]).substr(from);
      places[i + j] = is_low ? low[i] : high[j];
      ++(is_low ? i : j);
    }
    // The rest of the others is where it belongs.
    std::copy(low.begin() + static_cast<ptrdiff_t>(i), low.end(), places.data() + i + j);
  }

  size_t SortByKeys(std::span<Place> places, size_t from, int depth) {
    const size_t begin = used_;  // A heap within one: behind the items of that.
    used_ += places.size();
    if (items_.size() < used_) {
      items_.resize(used_);
      spare_.resize(used_);
    }
    for (size_t i = 0; i < places.size(); ++i) {
      if (i + kAhead < places.size()) __builtin_prefetch(places[i + kAhead]);
      items_[begin + i] = {.key = TextKeyAt(places[i], from), .place = places[i]};
    }
    OrderItems(begin, places.size());
    for (size_t i = 0; i < places.size(); ++i) places[i] = items_[begin + i].place;
    size_t left = 0;
    for (size_t i = 0; i < places.size();) {
      size_t end = i + 1;
      while (end < places.size() && items_[begin + end].key == items_[begin + i].key) ++end;
      const size_t distinct =
          end - i == 1 ? 1 : SortOneKey(places.subspan(i, end - i), from + kTextKeyBytes, depth);
      if (left != i) std::copy_n(places.data() + i, distinct, places.data() + left);
      left += distinct;
      i = end;
    }
    used_ = begin;
    return left;
  }

  // Of texts with one key, which ends at `from`: those that end in it, and those that go on.
  size_t SortOneKey(std::span<Place> places, size_t from, int depth) {
    const auto length = [](Place place) { return TextAt(place).size(); };
    const auto longer = std::partition(places.begin(), places.end(),
                                       [&](Place place) { return length(place) <= from; });
    std::array<Heap, 2> heaps;
    heaps[0].places = std::span<Place>(places.begin(), longer);
    heaps[1].places = std::span<Place>(longer, places.end());
    std::sort(places.begin(), longer, [&](Place a, Place b) { return length(a) < length(b); });
    heaps[0].left = heaps[0].places.size();
    if (repeats_ == Repeats::kDrop) {
      heaps[0].left =
          KeepDistinct(heaps[0].places, [&](Place a, Place b) { return length(a) == length(b); });
    }
    heaps[1].left = SortHeap(heaps[1].places, from, depth + 1);
    return CloseRanks(places, heaps);
  }

  // By key, the least significant byte that is not the same in all of them first.
  void OrderItems(size_t begin, size_t count) {
    const auto first = items_.begin() + static_cast<ptrdiff_t>(begin);
    if (count < kRadixTexts) {
      std::sort(first, first + static_cast<ptrdiff_t>(count),
                [](const Item& a, const Item& b) { return a.key < b.key; });
      return;
    }
    counts_ = {};
    for (size_t i = begin; i < begin + count; ++i) {
      for (size_t byte = 0; byte < kTextKeyBytes; ++byte)
        ++counts_[byte][Byte(items_[i].key, byte)];
    }
    Item* from = items_.data() + begin;
    Item* to = spare_.data() + begin;
    for (size_t byte = 0; byte < kTextKeyBytes; ++byte) {
      std::array<uint32_t, 256>& ends = counts_[byte];
      if (ends[Byte(from->key, byte)] == count) continue;
      uint32_t end = 0;
      for (uint32_t& place : ends) end += std::exchange(place, end);
      for (size_t i = 0; i < count; ++i) to[ends[Byte(from[i].key, byte)]++] = from[i];
      std::swap(from, to);
    }
    if (from != items_.data() + begin) std::copy_n(from, count, to);
  }

  static size_t Byte(uint64_t key, size_t byte) { return (key >> (8 * byte)) & 0xff; }

  const Repeats repeats_;
  const CancelToken& cancel_;
  Status status_;
  std::vector<Item> items_;
  std::vector<Item> spare_;
  size_t used_ = 0;  // Items that are in use.
  std::array<std::array<uint32_t, 256>, kTextKeyBytes> counts_{};
};

Status Sort(TextPlaces& places, Repeats repeats, const CancelToken& cancel, Executor* workers) {
  SKALD_RETURN_IF_ERROR(cancel.Check());
  if (places.size() <= kHeapTexts || workers == nullptr) {
    Heap all{.places = places};
    SKALD_RETURN_IF_ERROR(HeapSorter(repeats, cancel).Sort(all));
    places.resize(all.left);
    return {};
  }
  std::vector<Heap> heaps = Deal(places, CommonBytes(places, 0));
  std::atomic<size_t> next = 0;
  // One sorter a thread: each takes the heap that is next.
  const auto sort_some = [&](size_t) -> Status {
    HeapSorter sorter(repeats, cancel);
    for (size_t i = next++; i < heaps.size(); i = next++) {
      SKALD_RETURN_IF_ERROR(sorter.Sort(heaps[i]));
    }
    return {};
  };
  SKALD_RETURN_IF_ERROR(workers->ParallelFor(workers->threads() + 1, 0, sort_some));
  places.resize(CloseRanks(places, heaps));
  return {};
}

}  // namespace

Status SortTexts(TextPlaces& places, const CancelToken& cancel, Executor* workers) {
  return Sort(places, Repeats::kDrop, cancel, workers);
}

Status SortAllTexts(TextPlaces& places, const CancelToken& cancel, Executor* workers) {
  return Sort(places, Repeats::kKeep, cancel, workers);
}

}  // namespace skald
