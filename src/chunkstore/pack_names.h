#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chunkstore/index/index_keys.h"
#include "common/clock.h"
#include "common/mutex.h"

namespace skald::chunkstore {

// The prefix of all packs' keys.
inline constexpr std::string_view kPacksPrefix = "packs/";

// The day that a pack was compacted for, "2026-11-28" at the end of its key; nothing for a pack as
// a flush has written it.
std::optional<Period> CompactedDay(std::string_view key);

// Gives packs their keys: packs/<writer>/<16 hex digits>, and -<day> after those for a compacted
// one. The number is the time at which the key was made, in ns, but always more than any before, so
// that keys are in the order of their making.
//
// Ownership: borrows the clock.
// Threads:   any thread may call.
class PackNames {
 public:
  PackNames(const std::string& writer, const Clock& clock);

  // Of all packs of this writer.
  const std::string& prefix() const { return prefix_; }
  // Keys made from now on come after `key`, a pack that is there.
  void Saw(std::string_view key) SKALD_EXCLUDES(mutex_);

  std::string Next() SKALD_EXCLUDES(mutex_);
  std::string NextCompacted(Period day) SKALD_EXCLUDES(mutex_);

 private:
  const std::string prefix_;
  const Clock& clock_;

  Mutex mutex_;
  uint64_t last_number_ SKALD_GUARDED_BY(mutex_) = 0;
};

}  // namespace skald::chunkstore
