#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

namespace skald {

// Where a text of a TextList, or one that it may borrow, lies: its length in four bytes, and behind
// these the text. At least kTextSlackBytes behind it can be read, whatever they are.
using TextPlace = const char*;
inline constexpr size_t kTextLengthBytes = sizeof(uint32_t);
inline constexpr size_t kTextSlackBytes = 8;

inline std::string_view TextAt(TextPlace place) {
  uint32_t length;
  std::memcpy(&length, place, sizeof length);
  return {place + sizeof length, length};
}

// Leaves what has no value as it is.
template <typename T>
struct UnsetAllocator : std::allocator<T> {
  template <typename U>
  struct rebind {
    using other = UnsetAllocator<U>;
  };
  using std::allocator<T>::allocator;
  template <typename U>
  void construct(U* place) noexcept {
    ::new (static_cast<void*>(place)) U;
  }
};

// Places of many texts. resize() leaves those that it adds to be set by whoever called it, maybe
// by several threads: the first touch of each page takes as long as to set all in it.
using TextPlaces = std::vector<TextPlace, UnsetAllocator<TextPlace>>;

}  // namespace skald
