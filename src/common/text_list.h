#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/status.h"
#include "common/text_place.h"

namespace skald {

// Texts of which there may be a million: they lie one behind the other in large blocks, so that
// each costs no allocation of its own, and a list is put in order and united without copying any.
//
// Ownership: owns the texts, with the lists that share them and those of whom they are borrowed:
//            views live as long as one of these, or what it was moved to.
// Threads:   as a vector; lists that share texts may belong to different threads.
// Cost:      twelve bytes a text and its own, of a borrowed one eight.
class TextList {
 public:
  using value_type = std::string_view;
  class const_iterator;

  TextList() = default;
  TextList(std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) Add(text);
  }
  TextList(TextList&& other) noexcept { Swap(other); }
  TextList& operator=(TextList&& other) noexcept {
    TextList moved(std::move(other));
    Swap(moved);
    return *this;
  }

  // What is added from then on lies apart from what is there, which may be shared so.
  void Close() { room_ = 0; }
  // A list of the same texts, which shares what they lie in: only the places are copied. What is
  // added to it is its own. Requires: this one was closed, or shared itself, and got no text since.
  TextList Share() const;

  // For so many texts in all.
  void Reserve(size_t texts) { places_.reserve(texts); }
  // For so many more, of so many bytes: they lie in one block.
  void ReserveMore(size_t texts, size_t text_bytes);
  // Requires: text.size() < 4 GiB.
  void Add(std::string_view text);
  // Takes part in the ownership of memory in which texts lie, `bytes` in all, so that these can be
  // added by their places, without a copy, before anything is appended or united.
  void Borrow(std::span<const std::shared_ptr<char[]>> blocks, size_t bytes);
  // Requires: `place` lies in what was borrowed, and neither the text nor its slack is written to
  // any more.
  void AddBorrowed(TextPlace place) { places_.push_back(place); }
  // A list of texts in what this one has borrowed, by their places, in place of its own.
  // Requires: as AddBorrowed and Share do.
  TextList ShareBorrowed(TextPlaces places) const;
  // Puts the texts of `more` behind the others.
  void Append(TextList more);

  // Ascending by bytes, each once. The error of `cancel` soon after it is cancelled: which texts
  // there are is not known then. With `workers` some of their threads help with long lists.
  Status SortUnique(const CancelToken& cancel = CancelToken(), Executor* workers = nullptr);
  // Adds those of `more` that are not there: they are copied, unless they are most of it.
  // `cancel` and `workers` as above.
  // Requires: both are ascending, each text once; so is the union.
  Status Unite(TextList more, const CancelToken& cancel = CancelToken(),
               Executor* workers = nullptr);
  // As Share() and Unite() of that, of which the places are not copied first.
  // Requires: what these do.
  Result<TextList> United(TextList more, const CancelToken& cancel = CancelToken(),
                          Executor* workers = nullptr) const;

  size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }
  std::string_view operator[](size_t i) const { return TextAt(places_[i]); }
  const_iterator begin() const;
  const_iterator end() const;
  // Of all texts that were added but the borrowed ones; of those that SortUnique dropped as well.
  size_t text_bytes() const { return text_bytes_; }
  // Of texts and places, and what is reserved for more; what is shared is counted by each list.
  size_t MemoryBytes() const { return block_bytes_ + places_.capacity() * sizeof(TextPlace); }
  // Has the processor fetch a text that is soon asked for: those of a sorted list lie anywhere.
  void Prefetch(size_t i) const {
    if (i < places_.size()) __builtin_prefetch(places_[i]);
  }

 private:
  void Swap(TextList& other) noexcept;
  TextList ShareTexts() const;  // With no places.
  // Makes this list, which has the texts at `places`, their union with `more`.
  Status BecomeUnion(const TextPlaces& places, TextList more, const CancelToken& cancel,
                     Executor* workers);
  char* MakeRoom(size_t bytes);
  void AddBlock(size_t bytes);
  TextPlace Put(std::string_view text);
  void TakeBlocks(TextList& other, size_t text_bytes);

  TextPlaces places_;
  std::vector<std::shared_ptr<char[]>> blocks_;  // Of lists that share texts, the same.
  char* free_ = nullptr;  // In the block made last: room_ bytes and the slack.
  size_t room_ = 0;
  size_t usual_bytes_ = 0;  // Of the last block of usual size.
  size_t block_bytes_ = 0;  // Of all blocks.
  size_t text_bytes_ = 0;
};

class TextList::const_iterator {
 public:
  using iterator_category = std::random_access_iterator_tag;
  using iterator_concept = std::random_access_iterator_tag;
  using value_type = std::string_view;
  using difference_type = std::ptrdiff_t;
  using reference = std::string_view;
  using pointer = void;

  const_iterator() = default;
  explicit const_iterator(const TextPlace* place) : place_(place) {}

  std::string_view operator*() const { return TextAt(*place_); }
  std::string_view operator[](difference_type n) const { return TextAt(place_[n]); }
  const_iterator& operator++() { return *this += 1; }
  const_iterator& operator--() { return *this += -1; }
  const_iterator operator++(int) { return const_iterator(place_++); }
  const_iterator operator--(int) { return const_iterator(place_--); }
  const_iterator& operator+=(difference_type n) {
    place_ += n;
    return *this;
  }
  const_iterator& operator-=(difference_type n) { return *this += -n; }
  friend const_iterator operator+(const_iterator it, difference_type n) { return it += n; }
  friend const_iterator operator+(difference_type n, const_iterator it) { return it += n; }
  friend const_iterator operator-(const_iterator it, difference_type n) { return it -= n; }
  friend difference_type operator-(const_iterator a, const_iterator b) {
    return a.place_ - b.place_;
  }
  friend auto operator<=>(const_iterator, const_iterator) = default;

 private:
  const TextPlace* place_ = nullptr;
};

inline TextList::const_iterator TextList::begin() const { return const_iterator(places_.data()); }
inline TextList::const_iterator TextList::end() const {
  return const_iterator(places_.data() + places_.size());
}

inline void TextList::Add(std::string_view text) { places_.push_back(Put(text)); }

inline TextPlace TextList::Put(std::string_view text) {
  const auto length = static_cast<uint32_t>(text.size());
  const size_t bytes = kTextLengthBytes + text.size();
  char* place = room_ >= bytes ? free_ : MakeRoom(bytes);
  std::memcpy(place, &length, kTextLengthBytes);
  if (!text.empty()) std::memcpy(place + kTextLengthBytes, text.data(), text.size());
  free_ = place + bytes;
  room_ -= bytes;
  text_bytes_ += text.size();
  return place;
}

}  // namespace skald
