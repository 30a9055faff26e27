#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/hash.h"

namespace skald::chunkstore {

// Remembers what was asked for lately, so that a cache need only take in what is asked for again:
// most of what is read once is not read twice, and fresh memory for it costs more than decoding.
//
// Threads: any thread may call.
// Cost:    128 KiB. A key is forgotten when another one takes its place among 16384.
class SecondTouch {
 public:
  // Whether `key` was asked for before.
  bool Knows(std::string_view key) const {
    const uint64_t hash = Hash64(key);
    return seen_[hash % seen_.size()].load(std::memory_order_relaxed) == hash;
  }
  void Remember(std::string_view key) {
    const uint64_t hash = Hash64(key);
    seen_[hash % seen_.size()].store(hash, std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<uint64_t>, 16384> seen_{};
};

// How much one scan may still put into a cache, so that one that is larger than the cache does not
// push everything out, itself included.
//
// Threads: any thread may call.
class CacheAllowance {
 public:
  explicit CacheAllowance(size_t bytes) : bytes_(bytes) {}

  // Whether so many bytes are left, which are gone then.
  bool Take(size_t bytes) {
    size_t left = bytes_.load(std::memory_order_relaxed);
    while (left >= bytes) {
      if (bytes_.compare_exchange_weak(left, left - bytes, std::memory_order_relaxed)) return true;
    }
    return false;
  }

 private:
  std::atomic<size_t> bytes_;
};

}  // namespace skald::chunkstore
