#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "model/push_batch.h"

namespace skald::wire {

// Room for texts that a batch's views point to and that are not in its body as they are.
//
// Ownership: the texts live in the batch's buffers, as long as the batch; borrows the batch.
// Threads:   not synchronised.
// Cost:      one allocation for each 64 KiB of texts.
class BatchArena {
 public:
  explicit BatchArena(model::PushBatch& batch) : batch_(batch) {}

  // A string to which up to `bytes` bytes may be appended without moving what it holds.
  std::string& Room(size_t bytes) {
    if (room_ == nullptr || room_->capacity() - room_->size() < bytes) {
      room_ = &batch_.buffers.emplace_back();
      room_->reserve(std::max(bytes, kChunkBytes));
    }
    return *room_;
  }

  // A copy of `text`.
  std::string_view Store(std::string_view text) {
    std::string& room = Room(text.size());
    const size_t begin = room.size();
    room.append(text);
    return std::string_view(room).substr(begin);
  }

 private:
  static constexpr size_t kChunkBytes = 64 << 10;  // Of a push of some hundred kilobytes.

  model::PushBatch& batch_;
  std::string* room_ = nullptr;
};

}  // namespace skald::wire
