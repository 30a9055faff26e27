#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"
#include "logql/found_entry.h"
#include "model/labels.h"
#include "model/sample.h"
#include "rpc/ingester_client.h"

namespace skald::querier {

// What a tail's client is sent at a time.
struct TailFrame {
  std::vector<model::ResultStream> streams;  // A stream again where another comes between.
  std::vector<rpc::DroppedEntry> dropped;
};

// Entries on their way to the client of a tail, ordered by time; what the client is too slow for is
// dropped, and told with the next frame.
//
// Threads: not synchronised.
// Cost:    max_bytes of entries and one batch; of dropped ones time and labels.
class TailQueue {
 public:
  struct Options {
    // How long live entries wait for older ones.
    int64_t delay_ns = 0;
    size_t max_bytes = 4 << 20;  // Beyond, live entries are dropped.
    size_t max_dropped = 1000;   // Dropped entries that are remembered.
    size_t frame_entries = 100;
    size_t frame_bytes = 1 << 20;  // A single entry may be larger.
  };

  explicit TailQueue(const Options& options) : options_(options) {}

  // Entries that were there before, ascending in time. Comes first, and nothing of it is dropped
  // or delayed; live entries that repeat some of it are, up to EndOverlap.
  void AddBacklog(std::vector<logql::FoundEntry> entries);
  // Entries of one batch, ascending in time, that came at `now_ns`.
  void AddLive(std::vector<logql::FoundEntry> entries, int64_t now_ns);
  void AddDropped(std::vector<rpc::DroppedEntry> dropped);
  // From now on nothing live can be part of the backlog.
  void EndOverlap() { backlog_.clear(); }

  // The next frame, if anything is due.
  std::optional<TailFrame> TakeFrame(int64_t now_ns);
  // When the first of what waits is due; nothing if nothing waits.
  std::optional<int64_t> NextDue() const;

 private:
  struct Waiting {
    logql::FoundEntry entry;
    int64_t due_ns = 0;
  };

  void Append(std::vector<logql::FoundEntry>& entries, int64_t came_ns);
  void DropEntry(const logql::FoundEntry& entry);
  // Whether the backlog had the entry; each of its entries answers once.
  bool TakeFromBacklog(const logql::FoundEntry& entry);

  const Options options_;
  std::vector<Waiting> waiting_;  // From begin_ on, ascending in time.
  size_t begin_ = 0;
  size_t waiting_bytes_ = 0;
  std::vector<rpc::DroppedEntry> dropped_;
  StringMap<size_t> backlog_;  // How often each entry is there, by all that it has.
};

}  // namespace skald::querier
