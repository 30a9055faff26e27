#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chunkstore/compact/pack_remover.h"
#include "chunkstore/compact/retention.h"
#include "chunkstore/store_parts.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/hash.h"
#include "common/status.h"

namespace skald::chunkstore {

// Keeps what is stored within a size: when it takes more, the oldest packs go whole, and with them
// everything that is as old, by raising the floor of Retention. So from the floor on every entry is
// there, and before it none.
//
// What a query or a compaction still reads stays on disk until they end. Some room is kept free for
// what comes between two looks, and for what a compaction writes before the packs go that it has
// read (Reserve).
//
// Order:     Start, then Stop, which the destructor calls. RunRound may be called instead.
// Ownership: borrows all that it is given; keeps `measure`.
// Threads:   one round at a time, on a thread of its own; Stop from any thread. Goes on while a
//            compaction runs.
// Cost:      a round measures; only where something has to go are packs listed, and the directories
//            read of those that are new.
class SizeRetention {
 public:
  struct Options {
    uint64_t max_bytes = 0;     // That the data may take; 0: no bound.
    double max_disk_share = 0;  // Of the disk that may be in use, by whomever; 0: no bound.
    std::chrono::nanoseconds interval = std::chrono::milliseconds(250);  // Between rounds; 0: none.

    bool in_use() const { return max_bytes > 0 || max_disk_share > 0; }
  };
  struct Use {
    uint64_t data_bytes = 0;  // Of everything that counts.
    uint64_t disk_bytes = 0;  // Of the disk they are on.
    uint64_t disk_free_bytes = 0;
  };
  using Measure = std::function<Result<Use>()>;

  // What data of `use` may take, by the tighter of the bounds; the greatest uint64_t without any.
  static uint64_t BoundOf(const Options& options, const Use& use);
  // What of a bound is kept free.
  static uint64_t Reserve(uint64_t bound);

  SizeRetention(const Options& options, const StoreParts& parts, Retention& retention,
                PackRemover& remover, Measure measure, const Clock& clock);
  ~SizeRetention();
  SizeRetention(const SizeRetention&) = delete;
  SizeRetention& operator=(const SizeRetention&) = delete;

  // Puts the floor in force that was there before; or, without a bound, forgets it.
  Status Start();
  void Stop();

  // What has failed is tried again in the next round.
  Status RunRound();

 private:
  struct Aged {
    std::string pack;
    uint64_t bytes = 0;
    int64_t newest_ns = 0;  // Of its entries.
  };

  Status MakeRoom(uint64_t bytes, const Use& use, uint64_t bound);
  // Packs that may go, oldest first; takes from `bytes` what is on its way out already.
  Result<std::vector<Aged>> Candidates(uint64_t& bytes);
  Status RaiseFloor(int64_t time_ns);

  const Options options_;
  const StoreParts parts_;
  Retention& retention_;
  PackRemover& remover_;
  const Measure measure_;
  const Clock& clock_;
  // Used by the round alone.
  StringMap<int64_t> newest_ns_;  // By pack.
  bool was_full_ = false;         // Nothing more could go: said once.
  bool was_failing_ = false;
  std::unique_ptr<PeriodicTask> task_;
};

}  // namespace skald::chunkstore
