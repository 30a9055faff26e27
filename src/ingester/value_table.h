#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "common/hash.h"
#include "common/text_list.h"
#include "common/text_place.h"
#include "ingester/id_list.h"

namespace skald::ingester {

// The values of one label, each with the streams that have it. There may be a million, of one
// stream each: they are found by text, and lie in the order in which they came, which is mostly
// that of their streams: a walk over all of them reads memory from one end to the other.
//
// Ownership: owns the texts, with the lists that borrow them: what a text lies in is not written to
//            again. Views and pointers are good until the next call that changes something.
// Threads:   not synchronised.
// Cost:      about 60 bytes a value and its text. What is removed is freed when half of all texts
//            are of removed ones: then all others are copied.
class ValueTable {
 public:
  struct Value {
    TextPlace place = nullptr;
    IdList streams;  // Empty: the value was removed.

    std::string_view text() const { return TextAt(place); }
  };

  // Adds the stream to those that have the value, or takes it out: a value without any is removed.
  void Add(std::string_view value, IdList::Id stream);
  void Remove(std::string_view value, IdList::Id stream);

  // Null if no stream has it.
  const IdList* Find(std::string_view value) const;
  // Those that were removed are among them. Others come behind them, and each stays where it is as
  // long as numbering() is what it was.
  std::span<const Value> values() const { return values_; }
  // Which of them has this place.
  static uint32_t NumberAt(TextPlace place) {
    uint32_t number;
    std::memcpy(&number, place - kNumberBytes, sizeof number);
    return number;
  }
  // Something that stands for where values lie: another object has come in its place when they were
  // moved, which cannot be taken for it by who still has it. Null if no value ever came.
  std::shared_ptr<const void> numbering() const {
    return blocks_.empty() ? nullptr : blocks_.front();
  }
  // What all texts lie in.
  std::span<const std::shared_ptr<char[]>> blocks() const { return blocks_; }
  // Has the list borrow what all texts lie in, to be added by their places.
  void LendTo(TextList& list) const { list.Borrow(blocks_, block_bytes_); }

  size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }
  // About what its values take; 0 if it is empty.
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  // Before each text lies which of values_ it is, and behind it slack of its own: the next one may
  // be written while others read this one.
  static constexpr size_t kNumberBytes = sizeof(uint32_t);

  struct PlaceHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return Hash64(text); }
    size_t operator()(TextPlace place) const { return Hash64(TextAt(place)); }
  };
  struct PlaceEqual {
    using is_transparent = void;
    bool operator()(TextPlace a, TextPlace b) const { return a == b; }
    bool operator()(TextPlace a, std::string_view b) const { return TextAt(a) == b; }
    bool operator()(std::string_view a, TextPlace b) const { return a == TextAt(b); }
  };

  static size_t TextBytes(size_t length) {
    return kNumberBytes + kTextLengthBytes + length + kTextSlackBytes;
  }
  TextPlace Put(std::string_view text, uint32_t number);
  char* MakeRoom(size_t bytes);
  // Copies all texts and frees what they were in.
  void Repack();

  std::vector<Value> values_;
  HashSet<TextPlace, PlaceHash, PlaceEqual> places_;
  std::vector<std::shared_ptr<char[]>> blocks_;
  char* end_ = nullptr;     // Of what is used in the last block.
  size_t room_ = 0;         // Behind that.
  size_t block_bytes_ = 0;  // Of all blocks.
  size_t put_bytes_ = 0;    // Of all texts in blocks,
  size_t used_bytes_ = 0;   // and of those that were not removed.
  size_t memory_bytes_ = 0;
};

}  // namespace skald::ingester
