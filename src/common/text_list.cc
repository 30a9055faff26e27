#include "common/text_list.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "common/text_sort.h"

namespace skald {
namespace {

// Blocks grow from the one to the other: most lists are short, and a million short texts should
// take few blocks, of whose last one little is lost.
constexpr size_t kFirstBlockBytes = 1 << 10;
constexpr size_t kBlockBytes = 1 << 20;

// One list of two, walked by numbers as text_sort.h has them: whole texts are compared where these
// are the same.
class Walk {
 public:
  Walk(const std::vector<TextPlace>& places, size_t common)
      : places_(places), common_(common), key_(TextKeyAt(places.front(), common)) {}

  bool done() const { return at_ == places_.size(); }
  uint64_t key() const { return key_; }
  TextPlace place() const { return places_[at_]; }
  void Next() {
    if (++at_ == places_.size()) return;
    if (at_ + kAhead < places_.size()) __builtin_prefetch(places_[at_ + kAhead]);
    key_ = TextKeyAt(places_[at_], common_);
  }

 private:
  // Texts that are fetched in time: they lie anywhere.
  static constexpr size_t kAhead = 16;

  const std::vector<TextPlace>& places_;
  const size_t common_;
  size_t at_ = 0;
  uint64_t key_ = 0;
};

// Two lists as one.
struct Union {
  std::vector<TextPlace> places;
  std::vector<size_t> added;  // Which of them only the right one has,
  size_t added_bytes = 0;     // and the bytes of those texts.
};

// Requires: neither is empty.
Union UnionOf(const std::vector<TextPlace>& left, const std::vector<TextPlace>& right) {
  // What the least and the greatest of all begin with, all do.
  const std::string_view first = TextAt(left.front());
  size_t common = first.size();
  for (const TextPlace place : {left.back(), right.front(), right.back()}) {
    common = std::min(common, CommonPrefix(first, TextAt(place)));
  }
  Union both;
  both.places.reserve(left.size() + right.size());
  Walk a(left, common);
  Walk b(right, common);
  while (!a.done() || !b.done()) {
    auto order = std::strong_ordering::less;
    if (a.done()) {
      order = std::strong_ordering::greater;
    } else if (!b.done()) {
      order = a.key() <=> b.key();
      if (order == 0) order = TextAt(a.place()) <=> TextAt(b.place());
    }
    if (order > 0) {
      both.added.push_back(both.places.size());
      both.added_bytes += TextAt(b.place()).size();
    }
    both.places.push_back(order <= 0 ? a.place() : b.place());
    if (order <= 0) a.Next();
    if (order >= 0) b.Next();
  }
  return both;
}

}  // namespace

void TextList::Swap(TextList& other) noexcept {
  std::swap(places_, other.places_);
  std::swap(blocks_, other.blocks_);
  std::swap(free_, other.free_);
  std::swap(room_, other.room_);
  std::swap(usual_bytes_, other.usual_bytes_);
  std::swap(block_bytes_, other.block_bytes_);
  std::swap(text_bytes_, other.text_bytes_);
}

char* TextList::MakeRoom(size_t bytes) {
  usual_bytes_ = usual_bytes_ == 0 ? kFirstBlockBytes : std::min(kBlockBytes, 4 * usual_bytes_);
  room_ = std::max(usual_bytes_, bytes);
  block_bytes_ += room_ + kTextSlackBytes;
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_ + kTextSlackBytes));
  free_ = blocks_.back().get();
  return free_;
}

// With so many bytes of texts of this list in them.
void TextList::TakeBlocks(TextList& other, size_t text_bytes) {
  std::ranges::move(other.blocks_, std::back_inserter(blocks_));
  block_bytes_ += other.block_bytes_;
  text_bytes_ += text_bytes;
}

void TextList::Append(TextList more) {
  if (empty() && places_.capacity() < more.places_.size()) {
    Swap(more);
    return;
  }
  places_.insert(places_.end(), more.places_.begin(), more.places_.end());
  TakeBlocks(more, more.text_bytes_);
}

Status TextList::SortUnique(const CancelToken& cancel, Executor* workers) {
  return SortTexts(places_, cancel, workers);
}

void TextList::Unite(TextList more) {
  if (more.empty()) return;
  if (empty()) {
    Swap(more);
    return;
  }
  Union both = UnionOf(places_, more.places_);
  if (both.added.empty()) return;
  places_ = std::move(both.places);
  const size_t needed_bytes = both.added_bytes + both.added.size() * kTextLengthBytes;
  if (2 * needed_bytes >= more.block_bytes_ - more.room_) {
    TakeBlocks(more, both.added_bytes);
    return;
  }
  for (const size_t i : both.added) places_[i] = Put(TextAt(places_[i]));
}

}  // namespace skald
