#include "common/text_list.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "common/parallel_for.h"
#include "common/text_sort.h"

namespace skald {
namespace {

// Blocks grow from the one to the other: most lists are short, and a million short texts should
// take few blocks, of whose last one little is lost.
constexpr size_t kFirstBlockBytes = 1 << 10;
constexpr size_t kBlockBytes = 1 << 20;

// Texts that are united, or searched for, between two looks at the token, and of how many on other
// threads help: with fewer all is done before they are awake.
constexpr size_t kTextsAtOnce = 16384;
// Pieces for each thread: one that is done early helps the others.
constexpr size_t kPiecesPerThread = 4;

// To search for a text in a list takes about as long as one thread walks over so many.
constexpr size_t kStepsPerSearch = 64;

using Places = std::span<const TextPlace>;

// One list of two, walked by numbers as text_sort.h has them: whole texts are compared where these
// are the same.
class Walk {
 public:
  Walk(Places places, size_t common) : places_(places), common_(common) {
    if (!done()) key_ = TextKeyAt(places_[at_], common_);
  }

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

  const Places places_;
  const size_t common_;
  size_t at_ = 0;
  uint64_t key_ = 0;
};

// Two lists as one, or pieces of them.
struct Union {
  TextPlaces places;
  std::vector<size_t> added;  // Which of them only the right one has,
  size_t added_bytes = 0;     // and the bytes of those texts.
};

// Of where two walks are: what has ended is behind all.
std::strong_ordering OrderOf(const Walk& a, const Walk& b) {
  if (a.done()) return std::strong_ordering::greater;
  if (b.done()) return std::strong_ordering::less;
  const auto order = a.key() <=> b.key();
  return order != 0 ? order : TextAt(a.place()) <=> TextAt(b.place());
}

// Of texts that are the same for `common` bytes.
Status UniteInto(Places left, Places right, size_t common, const CancelToken& cancel, Union& both) {
  both.places.reserve(left.size() + right.size());
  Walk a(left, common);
  Walk b(right, common);
  for (size_t step = 0; !a.done() || !b.done(); ++step) {
    if (step % kTextsAtOnce == 0) SKALD_RETURN_IF_ERROR(cancel.Check());
    const std::strong_ordering order = OrderOf(a, b);
    if (order > 0) {
      both.added.push_back(both.places.size());
      both.added_bytes += TextAt(b.place()).size();
    }
    both.places.push_back(order <= 0 ? a.place() : b.place());
    if (order <= 0) a.Next();
    if (order >= 0) b.Next();
  }
  return {};
}

// Where the first text is that is not before `text`. None before `begin` is it, and it is more
// likely near.
size_t Search(Places places, size_t begin, std::string_view text) {
  const auto before = [](TextPlace place, std::string_view t) { return TextAt(place) < t; };
  size_t length = 1;
  while (begin + length < places.size() && before(places[begin + length], text)) {
    begin += length;
    length *= 2;
  }
  const auto end = places.begin() + std::min(begin + length, places.size());
  return std::lower_bound(places.begin() + begin, end, text, before) - places.begin();
}

// As UniteInto, for a right list that is much shorter: of the left one most texts are not looked
// at.
Status UniteFewInto(Places left, Places right, const CancelToken& cancel, Union& both) {
  both.places.reserve(left.size() + right.size());
  size_t at = 0;
  const auto take_until = [&](size_t end) {
    both.places.insert(both.places.end(), left.begin() + at, left.begin() + end);
    at = end;
  };
  for (size_t i = 0; i < right.size(); ++i) {
    if (i % kTextsAtOnce == 0) SKALD_RETURN_IF_ERROR(cancel.Check());
    const std::string_view text = TextAt(right[i]);
    take_until(Search(left, at, text));
    if (at < left.size() && TextAt(left[at]) == text) continue;
    both.added.push_back(both.places.size());
    both.added_bytes += text.size();
    both.places.push_back(right[i]);
  }
  take_until(left.size());
  return {};
}

// What the least and the greatest of all begin with, all do. Requires: neither is empty.
size_t CommonOf(Places left, Places right) {
  const std::string_view first = TextAt(left.front());
  size_t common = first.size();
  for (const TextPlace place : {left.back(), right.front(), right.back()}) {
    common = std::min(common, CommonPrefix(first, TextAt(place)));
  }
  return common;
}

// Pieces of two lists: of each where the i-th ends. All of a piece is before all of the next.
struct Cut {
  size_t left = 0;
  size_t right = 0;
};

std::vector<Cut> CutsOf(Places left, Places right, size_t pieces) {
  std::vector<Cut> cuts;
  for (size_t i = 1; i < pieces; ++i) {
    const size_t at = left.size() * i / pieces;
    const auto before = [](TextPlace a, TextPlace b) { return TextAt(a) < TextAt(b); };
    const auto found = std::lower_bound(right.begin(), right.end(), left[at], before);
    cuts.push_back({.left = at, .right = static_cast<size_t>(found - right.begin())});
  }
  cuts.push_back({.left = left.size(), .right = right.size()});
  return cuts;
}

// One behind the other.
Result<Union> Joined(std::vector<Union> pieces, Executor* workers) {
  if (pieces.size() == 1) return std::move(pieces.front());
  Union all;
  std::vector<size_t> begins;
  size_t count = 0;
  for (const Union& piece : pieces) {
    begins.push_back(count);
    for (const size_t i : piece.added) all.added.push_back(count + i);
    all.added_bytes += piece.added_bytes;
    count += piece.places.size();
  }
  all.places.resize(count);
  const auto copy = [&](size_t i) -> Status {
    std::ranges::copy(pieces[i].places, all.places.data() + begins[i]);
    pieces[i] = Union();
    return {};
  };
  SKALD_RETURN_IF_ERROR(ParallelFor(workers, pieces.size(), copy));
  return all;
}

// Requires: neither is empty.
Result<Union> UnionOf(Places left, Places right, const CancelToken& cancel, Executor* workers) {
  const bool helped = workers != nullptr && left.size() + right.size() > kTextsAtOnce;
  const size_t threads = helped ? workers->threads() + 1 : 1;
  if (left.size() / (kStepsPerSearch * threads) >= right.size()) {
    Union both;
    SKALD_RETURN_IF_ERROR(UniteFewInto(left, right, cancel, both));
    return both;
  }
  const std::vector<Cut> cuts = CutsOf(left, right, helped ? kPiecesPerThread * threads : 1);
  const size_t common = CommonOf(left, right);
  std::vector<Union> pieces(cuts.size());
  const auto unite = [&](size_t i) {
    const Cut begin = i == 0 ? Cut() : cuts[i - 1];
    return UniteInto(left.subspan(begin.left, cuts[i].left - begin.left),
                     right.subspan(begin.right, cuts[i].right - begin.right), common, cancel,
                     pieces[i]);
  };
  SKALD_RETURN_IF_ERROR(ParallelFor(workers, cuts.size(), unite));
  return Joined(std::move(pieces), workers);
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

TextList TextList::Share() const {
  TextList other = ShareTexts();
  other.places_ = places_;
  return other;
}

TextList TextList::ShareBorrowed(TextPlaces places) const {
  TextList other = ShareTexts();
  other.places_ = std::move(places);
  return other;
}

TextList TextList::ShareTexts() const {
  TextList other;
  other.blocks_ = blocks_;
  other.usual_bytes_ = usual_bytes_;
  other.block_bytes_ = block_bytes_;
  other.text_bytes_ = text_bytes_;
  return other;
}

char* TextList::MakeRoom(size_t bytes) {
  usual_bytes_ = usual_bytes_ == 0 ? kFirstBlockBytes : std::min(kBlockBytes, 4 * usual_bytes_);
  AddBlock(std::max(usual_bytes_, bytes));
  return free_;
}

void TextList::AddBlock(size_t bytes) {
  room_ = bytes;
  block_bytes_ += room_ + kTextSlackBytes;
  blocks_.push_back(std::make_shared_for_overwrite<char[]>(room_ + kTextSlackBytes));
  free_ = blocks_.back().get();
}

void TextList::ReserveMore(size_t texts, size_t text_bytes) {
  places_.reserve(places_.size() + texts);
  const size_t bytes = texts * kTextLengthBytes + text_bytes;
  if (bytes > room_) AddBlock(bytes);
}

// With so many bytes of texts of this list in them.
void TextList::TakeBlocks(TextList& other, size_t text_bytes) {
  std::ranges::move(other.blocks_, std::back_inserter(blocks_));
  block_bytes_ += other.block_bytes_;
  text_bytes_ += text_bytes;
}

void TextList::Borrow(std::span<const std::shared_ptr<char[]>> blocks, size_t bytes) {
  blocks_.insert(blocks_.end(), blocks.begin(), blocks.end());
  block_bytes_ += bytes;
}

void TextList::Append(TextList more) {
  if (empty() && places_.capacity() < more.places_.size()) {
    Swap(more);
  } else {
    places_.insert(places_.end(), more.places_.begin(), more.places_.end());
  }
  TakeBlocks(more, more.text_bytes_);  // Also of a list without places: it may have borrowed some.
}

Status TextList::SortUnique(const CancelToken& cancel, Executor* workers) {
  return SortTexts(places_, cancel, workers);
}

Status TextList::Unite(TextList more, const CancelToken& cancel, Executor* workers) {
  if (more.empty()) return {};
  if (empty()) {
    Swap(more);
    return {};
  }
  return BecomeUnion(places_, std::move(more), cancel, workers);
}

Result<TextList> TextList::United(TextList more, const CancelToken& cancel,
                                  Executor* workers) const {
  if (empty() || more.empty()) return empty() ? std::move(more) : Share();
  TextList both = ShareTexts();
  SKALD_RETURN_IF_ERROR(both.BecomeUnion(places_, std::move(more), cancel, workers));
  return both;
}

Status TextList::BecomeUnion(const TextPlaces& places, TextList more, const CancelToken& cancel,
                             Executor* workers) {
  SKALD_ASSIGN_OR_RETURN(Union both, UnionOf(places, more.places_, cancel, workers));
  const bool has_places = !empty();  // United() makes a list of texts alone the union.
  if (!both.added.empty() || !has_places) places_ = std::move(both.places);
  const size_t needed_bytes = both.added_bytes + both.added.size() * kTextLengthBytes;
  if (2 * needed_bytes >= more.block_bytes_ - more.room_) {
    TakeBlocks(more, both.added_bytes);
    return {};
  }
  if (free_ == nullptr && needed_bytes > 0) AddBlock(needed_bytes);  // Of all others it has none.
  for (const size_t i : both.added) places_[i] = Put(TextAt(places_[i]));
  return {};
}

}  // namespace skald
