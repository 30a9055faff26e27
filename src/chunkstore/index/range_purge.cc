#include "chunkstore/index/range_purge.h"

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include <algorithm>
#include <cstdint>

// A deleted key stands in two places or more: as it was written, in a table of some level, and as a
// mark above that hides it. A compaction of the levels that they are in drops both. Ranges of a day
// are many and small, and most of them in the same few tables: those that a range before has had
// written anew are not written again for the next one.

namespace skald::chunkstore {
namespace {

std::vector<rocksdb::LiveFileMetaData> Tables(rocksdb::DB& db) {
  std::vector<rocksdb::LiveFileMetaData> tables;
  db.GetLiveFilesMetaData(&tables);
  return tables;
}

bool Touches(const rocksdb::LiveFileMetaData& table, const KeyRange& range) {
  return table.smallestkey < range.end && table.largestkey >= range.begin;
}

// Tables numbered up to `newest_before` may hold what was deleted. Newer ones may as well, while
// what a mark in one level hides is in another.
bool MayHoldDeleted(rocksdb::DB& db, const KeyRange& range, uint64_t newest_before) {
  int level = 0;
  for (const rocksdb::LiveFileMetaData& table : Tables(db)) {
    if (!Touches(table, range)) continue;
    if (table.file_number <= newest_before) return true;
    // Of the top level are those that commits make meanwhile.
    if (table.level == 0) continue;
    if (level != 0 && table.level != level) return true;
    level = table.level;
  }
  return false;
}

}  // namespace

rocksdb::Status PurgeRanges(rocksdb::DB& db, const std::vector<KeyRange>& ranges,
                            const CancelToken& cancel) {
  rocksdb::Status status = db.Flush(rocksdb::FlushOptions());
  uint64_t newest_before = 0;
  for (const rocksdb::LiveFileMetaData& table : Tables(db)) {
    newest_before = std::max(newest_before, table.file_number);
  }
  rocksdb::CompactRangeOptions options;
  // Others would move a mark to a level that this has passed.
  options.exclusive_manual_compaction = true;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  for (const KeyRange& range : ranges) {
    if (!status.ok() || cancel.cancelled()) break;
    if (!MayHoldDeleted(db, range, newest_before)) continue;
    const rocksdb::Slice begin = range.begin;
    const rocksdb::Slice end = range.end;
    status = db.CompactRange(options, &begin, &end);
  }
  return status;
}

}  // namespace skald::chunkstore
