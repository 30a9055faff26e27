#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace skald::logql {

// Bytes that live as long as one slice of rows: unescaped values, formatted lines.
//
// Ownership: views handed out are valid until Clear.
// Threads:   not synchronised.
// Cost:      keeps its first block over Clear, so a steady pipeline does not allocate.
class TextArena {
 public:
  // Room for `bytes`, of which the caller may use a part and return the rest with Shrink.
  char* Allocate(size_t bytes) {
    if (bytes > static_cast<size_t>(end_ - next_)) {
      Grow(bytes);
    }
    char* p = next_;
    next_ += bytes;
    return p;
  }

  // Gives back the last `unused` bytes of the latest Allocate.
  void Shrink(size_t unused) { next_ -= unused; }

  std::string_view Copy(std::string_view text) {
    char* p = Allocate(text.size());
    std::copy(text.begin(), text.end(), p);  // Unlike memcpy it takes null for no bytes.
    return {p, text.size()};
  }

  void Clear() {
    if (blocks_.size() > 1) {
      blocks_.resize(1);
    }
    next_ = blocks_.empty() ? nullptr : blocks_[0].get();
    end_ = next_ == nullptr ? nullptr : next_ + kBlockBytes;
  }

 private:
  static constexpr size_t kBlockBytes = 256 << 10;  // Holds the texts of a usual slice.

  void Grow(size_t bytes) {
    if (blocks_.empty()) {
      Push(kBlockBytes);
    }
    if (bytes > static_cast<size_t>(end_ - next_)) {
      Push(bytes > kBlockBytes ? bytes : kBlockBytes);
    }
  }

  void Push(size_t bytes) {
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    next_ = blocks_.back().get();
    end_ = next_ + bytes;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace skald::logql
