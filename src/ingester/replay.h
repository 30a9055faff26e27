#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "common/files.h"
#include "common/hash.h"
#include "common/status.h"
#include "ingester/chunk_sink.h"
#include "ingester/tenants.h"
#include "ingester/wal.h"

namespace skald::ingester {

// Brings the entries of a log back into memory, each once: those that the store has are left out.
// Damage is stepped over, counted and logged; errors are a store that can't be asked, and a segment
// that can't be opened or is of a version of the format that is not known. What can't be read of
// one that was opened is kept under another name (.unreadable) when the log removes the segment.
//
// Order:     Run, once, before the first push.
// Ownership: borrows everything.
// Threads:   one caller; the hooks are called on its thread.
// Cost:      a few MiB of a segment in memory, or what a damaged one needs until it makes sense
//            again; and what the hooks leave there.
class Replay {
 public:
  struct Hooks {
    // A stream has a full part.
    std::function<void(const std::shared_ptr<Stream>&)> sealable;
    // Called after each frame: may flush to keep within a budget.
    std::function<void()> check_memory;
  };

  Replay(Wal& wal, FileSystem& files, ChunkSink& sink, Tenants& tenants, StreamContext& context,
         Hooks hooks);

  // Sets the context's last_seq above all that was ever given out.
  Status Run();

  struct Totals {
    uint64_t segments = 0;
    uint64_t entries = 0;
    uint64_t bytes = 0;       // Of lines taken.
    uint64_t duplicates = 0;  // Entries that the store had.
    uint64_t damages = 0;
    uint64_t damaged_bytes = 0;
    // Places at which acknowledged entries may be missing: all but ends that were never written.
    std::map<uint64_t, uint64_t> damaged_by_segment;
    std::vector<uint64_t> missing;  // Segments that are gone, not because they were stored.
    Status end;                     // Why what says where the log ends can't be read.
  };
  const Totals& totals() const { return totals_; }

 private:
  struct Target {
    std::shared_ptr<Stream> stream;
    std::string_view tenant;  // Lives as long as the stream.
  };

  Status RunSegment(uint64_t segment);
  Status BeginSegment(uint64_t segment, const RandomReadFile& file);
  Status ApplyFrames(uint64_t segment, const RandomReadFile& file);
  // Bytes of the segment, zeros where they can't be read.
  void ReadWindow(uint64_t segment, const RandomReadFile& file, uint64_t offset, uint64_t count);
  Status ApplyFrame(std::string_view payload, uint64_t segment);
  void CheckPredecessor(const WalPredecessor& predecessor);
  // Holds what there is against what there was when the log was closed: the segments, and where the
  // frames of one end that has been read.
  void CheckListed();
  void CheckListedEnd(uint64_t segment);
  void CountMissing(uint64_t segment);
  // Of the segments in (last, next) each is gone.
  void CountMissing(uint64_t last, uint64_t next);
  Status Define(const WalDefinition& definition);
  Status Take(const WalEntries& entries, uint64_t segment);
  // What the store has of a stream. Asked for once, and only of streams that it may have more of
  // than we are about to take.
  Result<uint64_t> FlushedSeq(const Target& target, uint64_t first_seq);
  void CountDamage(const char* type, uint64_t segment, uint64_t bytes);

  Wal& wal_;
  FileSystem& files_;
  ChunkSink& sink_;
  Tenants& tenants_;
  StreamContext& context_;
  const Hooks hooks_;

  HashMap<uint64_t, Target> targets_;         // By number, in this segment.
  HashMap<const Stream*, uint64_t> flushed_;  // What the store has of streams.
  uint64_t stored_seq_ = 0;                   // The highest of those.
  uint64_t highest_seq_ = 0;
  uint64_t streams_ = 0;
  // Where what was read of segments ends without visible damage.
  std::map<uint64_t, uint64_t> ends_;
  uint64_t promised_segment_ = 0;  // The highest that another says was begun.
  std::string window_;
  Totals totals_;
};

}  // namespace skald::ingester
