#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "common/files.h"
#include "common/hash.h"
#include "common/status.h"
#include "ingester/chunk_sink.h"
#include "ingester/tenants.h"
#include "ingester/wal.h"

namespace skald::ingester {

// Brings the entries of a log back into memory, each once: those that the store has are left out.
// Damage is stepped over, counted and logged; only a store that can't be asked is an error.
//
// Order:     Run, once, before the first push.
// Ownership: borrows everything.
// Threads:   one caller; the hooks are called on its thread.
// Cost:      one segment in memory, and what the hooks leave there.
class Replay {
 public:
  struct Hooks {
    // A stream has a full part.
    std::function<void(const std::shared_ptr<Stream>&)> sealable;
    // Called after each frame: may flush to keep within a budget.
    std::function<void()> check_memory;
  };

  Replay(const Wal& wal, FileSystem& files, ChunkSink& sink, Tenants& tenants,
         StreamContext& context, Hooks hooks);

  // Sets the context's last_seq above all that was ever given out.
  Status Run();

  struct Totals {
    uint64_t segments = 0;
    uint64_t entries = 0;
    uint64_t bytes = 0;       // Of lines taken.
    uint64_t duplicates = 0;  // Entries that the store had.
    uint64_t damages = 0;
    uint64_t damaged_bytes = 0;
  };
  const Totals& totals() const { return totals_; }

 private:
  struct Target {
    std::shared_ptr<Stream> stream;
    uint64_t flushed_seq = 0;
  };

  Status RunSegment(uint64_t segment);
  // The segment's bytes, zeros where they can't be read; false if there is nothing to read.
  bool ReadSegment(uint64_t segment, std::string& bytes);
  Status ApplyFrame(std::string_view payload, uint64_t segment);
  Status Define(const WalDefinition& definition);
  void Take(const WalEntries& entries, uint64_t segment);
  void CountDamage(const char* type, uint64_t segment, uint64_t bytes);

  const Wal& wal_;
  FileSystem& files_;
  ChunkSink& sink_;
  Tenants& tenants_;
  StreamContext& context_;
  const Hooks hooks_;

  HashMap<uint64_t, Target> targets_;         // By number, in this segment.
  HashMap<const Stream*, uint64_t> flushed_;  // What the store has of each stream.
  uint64_t highest_seq_ = 0;
  Totals totals_;
};

}  // namespace skald::ingester
