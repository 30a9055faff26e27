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
  void AppendRest(std::vector<TextPlace>& out) const {
    out.insert(out.end(), places_.begin() + static_cast<ptrdiff_t>(at_), places_.end());
  }

 private:
  // Texts that are fetched in time: they lie anywhere.
  static constexpr size_t kAhead = 16;

  const std::vector<TextPlace>& places_;
  const size_t common_;
  size_t at_ = 0;
  uint64_t key_ = 0;
};

// Requires: neither is empty.
std::vector<TextPlace> UnionOf(const std::vector<TextPlace>& left,
                               const std::vector<TextPlace>& right) {
  // What the least and the greatest of all begin with, all do.
  const std::string_view first = TextAt(left.front());
  size_t common = first.size();
  for (const TextPlace place : {left.back(), right.front(), right.back()}) {
    common = std::min(common, CommonPrefix(first, TextAt(place)));
  }
  std::vector<TextPlace> both;
  both.reserve(left.size() + right.size());
  Walk a(left, common);
  Walk b(right, common);
  while (!a.done() && !b.done()) {
    auto order = a.key() <=> b.key();
    if (order == 0) order = TextAt(a.place()) <=> TextAt(b.place());
    both.push_back(order <= 0 ? a.place() : b.place());
    if (order <= 0) a.Next();
    if (order >= 0) b.Next();
  }
  a.AppendRest(both);
  b.AppendRest(both);
  return both;
}

}  // namespace

void TextList::Swap(TextList& other) noexcept {
  std::swap(places_, other.places_);
  std::swap(blocks_, other.blocks_);
  std::swap(free_, other.free_);
  std::swap(room_, other.room_);
  std::swap(block_bytes_, other.block_bytes_);
  std::swap(text_bytes_, other.text_bytes_);
}

char* TextList::MakeRoom(size_t bytes) {
  block_bytes_ = block_bytes_ == 0 ? kFirstBlockBytes : std::min(kBlockBytes, 4 * block_bytes_);
  room_ = std::max(block_bytes_, bytes);
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_ + kTextSlackBytes));
  free_ = blocks_.back().get();
  return free_;
}

void TextList::TakeBlocks(TextList& other) {
  std::ranges::move(other.blocks_, std::back_inserter(blocks_));
  text_bytes_ += other.text_bytes_;
}

void TextList::Append(TextList more) {
  if (empty() && places_.capacity() < more.places_.size()) {
    Swap(more);
    return;
  }
  places_.insert(places_.end(), more.places_.begin(), more.places_.end());
  TakeBlocks(more);
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
  places_ = UnionOf(places_, more.places_);
  TakeBlocks(more);
}

}  // namespace skald
