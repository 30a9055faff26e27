#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace skald::chunkstore {

// The first key past all that begin with `prefix`; empty if there is none.
std::string PastPrefix(std::string_view prefix);

// Texts between two, told apart by eight bytes behind what both begin with.
//
// Threads: a value.
class KeySpan {
 public:
  KeySpan(std::string_view first, std::string_view last);

  // How many bytes are stored before a text: not less than before those ahead of it.
  using BytesBefore = std::function<Result<uint64_t>(const std::string& text)>;
  // Some of them, ascending, each once: of `all` bytes about `step` lie before the first, between
  // two, and behind the last, or more where no text tells them apart. An error of `before` ends it.
  Result<std::vector<std::string>> Cuts(uint64_t all, uint64_t step,
                                        const BytesBefore& before) const;

 private:
  static uint64_t NumberOf(std::string_view text);
  std::string TextOf(uint64_t number) const;

  std::string begin_;
  uint64_t low_ = 0;
  uint64_t high_ = 0;
};

}  // namespace skald::chunkstore
