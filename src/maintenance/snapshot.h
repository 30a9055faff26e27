#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "chunkstore/store_parts.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/mutex.h"
#include "common/status.h"
#include "ingester/wal.h"
#include "maintenance/data_folders.h"
#include "maintenance/file_tree.h"

namespace skald::maintenance {

// What a snapshot is made of.
struct SnapshotSummary {
  std::string path;
  uint64_t packs = 0;
  uint64_t wal_segments = 0;
  FileCounts files;                        // But for the index's.
  std::vector<std::string> missing_packs;  // That the index names and the store has lost.

  std::string ToJson() const;
};

// Makes a folder that a server may be started on, with all that was acknowledged before: hard links
// of packs and of closed segments of the log, a checkpoint of the index, copies of the segment that
// is being written, of the delete requests, and of rules, alerts and samples that wait to be sent.
// Pushes, queries, flushes, compaction and rules go on meanwhile.
//
// Ownership: borrows all Parts.
// Threads:   any thread may call; a second snapshot at the same time is refused.
// Cost:      blocks; copies what cannot be linked.
class Snapshotter {
 public:
  struct Options {
    std::string folder;  // That snapshots are put in.
    DataFolders data;    // Of the server.
  };
  struct Parts {
    FileSystem& files;
    const Clock& clock;
    chunkstore::StoreParts store;
    const ingester::Wal* log = nullptr;  // Null when there is none ...
    std::function<Status()> flush;       // ... and memory must be stored first, by this.
  };

  Snapshotter(const Options& options, const Parts& parts) : options_(options), parts_(parts) {}
  Snapshotter(const Snapshotter&) = delete;
  Snapshotter& operator=(const Snapshotter&) = delete;

  // As <folder>/<name>; an empty name is the time: 2026-11-28T20-01-55Z. kInvalidArgument for a
  // name that is none of a file, kAlreadyExists when there is one, kUnavailable while another is
  // made, kResourceExhausted when the disk is full. Nothing is left behind by an error.
  Result<SnapshotSummary> Take(std::string name) SKALD_EXCLUDES(mutex_);

 private:
  Status Fill(const std::string& folder, SnapshotSummary& summary);
  Status AddRequests(const std::string& folder, SnapshotSummary& summary);
  Status AddRules(const std::string& folder, SnapshotSummary& summary);
  Status AddLog(const std::string& folder, SnapshotSummary& summary);
  Status AddPacks(const std::string& folder, SnapshotSummary& summary);
  Status WriteManifest(const std::string& folder, const SnapshotSummary& summary);
  Status RemoveLeftovers();

  const Options options_;
  const Parts parts_;

  Mutex mutex_;
  bool busy_ SKALD_GUARDED_BY(mutex_) = false;
};

// Makes `target` a server's data folder with what a snapshot holds; the snapshot stays as it is.
// `folders` say where each part of the data goes, in the target or elsewhere; into the target what
// they have no place for. These must not exist either, or be empty. kNotFound if there is no
// snapshot, kDataLoss if something of it is missing, kAlreadyExists if there is one of the folders.
// Nothing is left behind by an error; the target, with all that is in it, comes last and at once.
Result<FileCounts> Restore(FileSystem& files, const std::string& snapshot,
                           const std::string& target, const DataFolders& folders);

}  // namespace skald::maintenance
