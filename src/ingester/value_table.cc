#include "ingester/value_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace skald::ingester {
namespace {

// Blocks grow with what is in them: most labels have few values.
constexpr size_t kLeastBlockBytes = 64;
constexpr size_t kMostBlockBytes = 64 << 10;

// Fewer are not worth the copying.
constexpr size_t kFewBytes = 512;

// Of values_ and places_ a third is free.
constexpr size_t kValueBytes = (sizeof(ValueTable::Value) + sizeof(TextPlace) + 1) * 3 / 2;

}  // namespace

const IdList* ValueTable::Find(std::string_view value) const {
  const auto found = places_.find(value);
  return found == places_.end() ? nullptr : &values_[NumberAt(*found)].streams;
}

void ValueTable::Add(std::string_view value, IdList::Id stream) {
  const auto place = places_.lazy_emplace(value, [&](const auto& make) {
    const auto number = static_cast<uint32_t>(values_.size());
    make(values_.emplace_back().place = Put(value, number));
    memory_bytes_ += kValueBytes + TextBytes(value.size());
  });
  IdList& streams = values_[NumberAt(*place)].streams;
  const size_t before = streams.size();
  streams.Add(stream);
  memory_bytes_ += (streams.size() - before) * sizeof(IdList::Id);
}

void ValueTable::Remove(std::string_view value, IdList::Id stream) {
  const auto found = places_.find(value);
  if (found == places_.end()) return;
  const uint32_t number = NumberAt(*found);
  IdList& streams = values_[number].streams;
  const size_t before = streams.size();
  streams.Remove(stream);
  memory_bytes_ -= (before - streams.size()) * sizeof(IdList::Id);
  if (!streams.empty()) return;
  const size_t text_bytes = TextBytes(value.size());
  memory_bytes_ -= kValueBytes + text_bytes;
  used_bytes_ -= text_bytes;
  places_.erase(found);
  if (put_bytes_ > kFewBytes && used_bytes_ < put_bytes_ / 2) Repack();
}

TextPlace ValueTable::Put(std::string_view text, uint32_t number) {
  const auto length = static_cast<uint32_t>(text.size());
  const size_t bytes = TextBytes(text.size());
  char* at = room_ >= bytes ? end_ : MakeRoom(bytes);
  end_ = at + bytes;
  room_ -= bytes;
  put_bytes_ += bytes;
  used_bytes_ += bytes;
  std::memcpy(at, &number, kNumberBytes);
  at += kNumberBytes;
  std::memcpy(at, &length, kTextLengthBytes);
  if (!text.empty()) std::memcpy(at + kTextLengthBytes, text.data(), text.size());
  return at;
}

char* ValueTable::MakeRoom(size_t bytes) {
  room_ = std::max(bytes, std::clamp(put_bytes_ / 4, kLeastBlockBytes, kMostBlockBytes));
  block_bytes_ += room_;
  blocks_.push_back(std::make_shared_for_overwrite<char[]>(room_));
  return blocks_.back().get();
}

// Values move up as well, over those that were removed.
void ValueTable::Repack() {
  const auto before = std::exchange(blocks_, {});  // In which the texts are.
  room_ = 0;
  block_bytes_ = 0;
  put_bytes_ = 0;
  used_bytes_ = 0;
  places_.clear();
  std::erase_if(values_, [](const Value& value) { return value.streams.empty(); });
  values_.shrink_to_fit();
  places_.reserve(values_.size());
  for (uint32_t number = 0; number < values_.size(); ++number) {
    Value& value = values_[number];
    value.place = Put(value.text(), number);
    places_.insert(value.place);
  }
}

}  // namespace skald::ingester
