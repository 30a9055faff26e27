#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>

#include "common/hash.h"

namespace skald::app {

// Entries that all follow from who pushes them and their number, so that who finds some can tell
// which there must be.
//
// Threads: immutable.
class KnownLines {
 public:
  static constexpr int64_t kSpacingNs = 50'000;  // Between two entries.
  static constexpr int kLevels = 4;
  static constexpr int kParts = 5;

  // Number 0 is at begin_ns.
  explicit KnownLines(int64_t begin_ns) : begin_ns_(begin_ns) {}

  int64_t TimeOf(int64_t number) const { return begin_ns_ + number * kSpacingNs; }

  static std::string LevelOf(int64_t number) {
    constexpr std::array<const char*, kLevels> kNames = {"info", "warn", "Error", "error"};
    return kNames[number % kLevels];
  }
  // Of structured metadata.
  static std::string PartOf(int64_t number) { return std::to_string(number % kParts); }
  // Of structured metadata, another for each entry; so long that blocks have a filter of them.
  static std::string IdOf(int pusher, int64_t number) { return Hex(pusher, number, 10, 4); }
  // In the line, another for each.
  static std::string TraceOf(int pusher, int64_t number) { return Hex(pusher, number, 20, 2); }

  // All lines are of one length.
  static std::string LineOf(int pusher, int64_t number) {
    std::array<char, 64> head{};
    std::snprintf(head.data(), head.size(), "pusher %d line %010lld level=%-5s trace=", pusher,
                  static_cast<long long>(number), LevelOf(number).c_str());
    return head.data() + TraceOf(pusher, number) + " took 7ms" + std::string(60, 'x');
  }
  // Of a line; -1 if it is none.
  static int64_t NumberIn(const std::string& line) {
    const size_t at = line.find(" line ");
    if (at == std::string::npos) return -1;
    return std::strtoll(line.c_str() + at + 6, nullptr, 10);
  }

 private:
  static std::string Hex(int pusher, int64_t number, uint64_t seed, int words) {
    std::string hex;
    for (int i = 0; i < words; ++i) {
      std::array<char, 20> word{};
      const std::string key = std::to_string(pusher) + "/" + std::to_string(number);
      std::snprintf(word.data(), word.size(), "%016llx",
                    static_cast<unsigned long long>(Hash64(key, seed + i)));
      hex += word.data();
    }
    return hex;
  }

  const int64_t begin_ns_;
};

// How far a pusher is: it pushes its lines in the order of their numbers, again where a push has
// failed.
//
// Threads: one writes, any may read: first what is acknowledged, then ask, then what has begun.
struct PusherProgress {
  std::atomic<int64_t> acknowledged = 0;  // Lines below it are there, whoever asks from now on.
  std::atomic<int64_t> begun = 0;         // No push of lines from it on has begun.
  std::atomic<int64_t> sent = 0;          // Lines, as often as they were pushed.
};

}  // namespace skald::app
