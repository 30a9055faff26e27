#include "chunkstore/index/rocksdb_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <cstdarg>
#include <cstdio>
#include <string>
#include <string_view>

#include "common/logging.h"

namespace skald::chunkstore {
namespace {

// Values grow by their ends: postings take a few bytes for each new series.
class AppendOperator final : public rocksdb::MergeOperator {
 public:
  const char* Name() const override { return "skald.append"; }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    size_t bytes = in.existing_value != nullptr ? in.existing_value->size() : 0;
    for (const rocksdb::Slice& operand : in.operand_list) bytes += operand.size();
    out->new_value.clear();  // An iterator passes what it made of the key before.
    out->new_value.reserve(bytes);
    if (in.existing_value != nullptr) {
      out->new_value.assign(in.existing_value->data(), in.existing_value->size());
    }
    for (const rocksdb::Slice& operand : in.operand_list) {
      out->new_value.append(operand.data(), operand.size());
    }
    return true;
  }

  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& operands,
                         std::string* value, rocksdb::Logger*) const override {
    value->clear();
    for (const rocksdb::Slice& operand : operands) value->append(operand.data(), operand.size());
    return true;
  }
};

// Has RocksDB's warnings in our log, and no file of its own: RocksDB takes the process down when it
// fails to write to that a second time.
class WarningLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}  // The header: versions and options.
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < rocksdb::WARN_LEVEL || level == rocksdb::HEADER_LEVEL) return;
    char text[1024];
    std::vsnprintf(text, sizeof text, format, arguments);
    std::string_view line = text;
    if (line.ends_with('\n')) line.remove_suffix(1);
    LogWarn("index", {{"rocksdb", line}});
  }
};

// Takes no lines: who only reads meets files that the writer removes.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

rocksdb::Options MakeRocksDbOptions(rocksdb::Env& env, size_t cache_bytes,
                                    size_t write_buffer_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(cache_bytes, 4);
  table.filter_policy.reset(rocksdb::NewRibbonFilterPolicy(10));
  table.cache_index_and_filter_blocks = true;
  table.block_size = 16 << 10;
  table.format_version = 5;

  rocksdb::Options tuned;
  tuned.env = &env;
  tuned.create_if_missing = true;
  tuned.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  tuned.merge_operator = std::make_shared<AppendOperator>();
  tuned.memtable_whole_key_filtering = true;
  tuned.memtable_prefix_bloom_size_ratio = 0.02;
  tuned.write_buffer_size = write_buffer_bytes;
  tuned.max_write_buffer_number = 2;
  tuned.max_total_wal_size = 4 * write_buffer_bytes;
  tuned.target_file_size_base = 16 << 20;
  tuned.compression = rocksdb::kLZ4Compression;
  // Of all of a table, for who checks it: those of its blocks leave gaps, and are in it themselves.
  tuned.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  tuned.max_background_jobs = 2;
  tuned.max_open_files = 256;
  // A manifest names the ends of all tables there ever were since it was begun, and so label values
  // that have been purged: each change of the set of tables, a few a minute at most, begins one.
  tuned.max_manifest_file_size = 1;
  // What is read from RocksDB's log is written to a table at once: a sync that failed before a
  // restart may have left it in the system's cache alone.
  tuned.avoid_flush_during_recovery = false;
  // To open in milliseconds: no walk over files.
  tuned.skip_stats_update_on_db_open = true;
  tuned.skip_checking_sst_file_sizes_on_db_open = true;
  tuned.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  tuned.info_log = std::make_shared<WarningLogger>();
  tuned.info_log_level = rocksdb::WARN_LEVEL;
  tuned.stats_dump_period_sec = 0;
  tuned.stats_persist_period_sec = 0;
  return tuned;
}

std::shared_ptr<rocksdb::Logger> MakeSilentLogger() { return std::make_shared<SilentLogger>(); }

}  // namespace skald::chunkstore
