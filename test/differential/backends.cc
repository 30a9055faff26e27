#include "differential/backends.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "chunkstore/chunk_store.h"
#include "chunkstore/compact/compactor.h"
#include "chunkstore/compact/pack_remover.h"
#include "chunkstore/compact/retention.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "common/executor.h"
#include "common/limits.h"
#include "differential/random.h"
#include "ingester/ingester.h"
#include "ingester/store_sink.h"
#include "querier/ingester_source.h"
#include "querier/merged_source.h"
#include "querier/store_source.h"
#include "support/faulty_file_system.h"
#include "support/manual_clock.h"
#include "support/memory_source.h"
#include "support/temp_folder.h"

namespace skald::differential {
namespace {

model::Labels ToLabels(const LabelMap& map) {
  std::vector<model::LabelView> views;
  for (const auto& [name, value] : map) views.push_back({name, value});
  return model::Labels(std::move(views));
}

// Of entries that are repeated the first.
DataSet WithoutRepeats(const DataSet& data) {
  DataSet once;
  for (const Stream& stream : data.streams) {
    Stream& out = once.streams.emplace_back(Stream{.labels = stream.labels, .entries = {}});
    for (const Entry& entry : stream.entries) {
      if (std::ranges::find(out.entries, entry) == out.entries.end()) out.entries.push_back(entry);
    }
  }
  return once;
}

class MemoryBackend final : public Backend {
 public:
  logql::LogSource& Load(const model::TenantId&, const DataSet& data, uint64_t seed) override {
    Random random(seed);
    source_ = std::make_unique<test::MemorySource>(test::MemorySource::Options{
        .block_rows = random.Pick<std::vector<size_t>>({{1}, {7}, {1000}, {3, 40, 1}}),
        .blocks_exceed_range = random.Chance(50),
        .skips_by_literals = random.Chance(50)});
    for (const Stream& stream : WithoutRepeats(data).streams) {  // As sources hand them out.
      for (const Entry& entry : stream.entries) {
        source_->Add(ToLabels(stream.labels), entry.time_ns, entry.line, ToLabels(entry.metadata));
      }
    }
    return *source_;
  }

 private:
  std::unique_ptr<test::MemorySource> source_;
};

class StoredBackend final : public Backend {
 public:
  struct Shape {
    size_t block_bytes = 700;  // Raw: a few lines.
    // Unless null, what is pushed first is compacted, into packs of a day, and counted.
    SplitCounts* counts = nullptr;
  };

  explicit StoredBackend(Shape shape)
      : limits_([] {
          Limits limits;
          limits.per_stream_rate_limit = 0;
          return limits;
        }()),
        objects_(*chunkstore::FsObjectStore::Open(files_, "/chunks")),
        store_(*chunkstore::ChunkStore::Open(StoreOptions(shape), *objects_, clock_)),
        counts_(shape.counts),
        remover_(store_->parts(), clock_),
        compactor_(counts_ != nullptr
                       ? std::make_unique<chunkstore::Compactor>(
                             CompactorOptions(shape), store_->parts(), retention_, remover_, clock_)
                       : nullptr),
        sink_(*store_),
        ingester_(*ingester::Ingester::Open(
            Options(shape), {files_, clock_, limits_, sink_, background_, nullptr})),
        ingesters_([this] { return std::vector<rpc::IngesterClient*>{ingester_.get()}; }, clock_),
        stored_(*store_),
        source_({&ingesters_, &stored_}) {}

  logql::LogSource& Load(const model::TenantId& tenant, const DataSet& repeating,
                         uint64_t seed) override {
    // Where no lines are read, entries that are repeated in another block cannot be told apart.
    const DataSet data = WithoutRepeats(repeating);
    Random random(seed);
    std::vector<size_t> pushed(data.streams.size(), 0);
    if (compactor_ != nullptr) {
      PushPart(tenant, data, 80, random, pushed);
      EXPECT_TRUE(ingester_->Flush(tenant, {}).ok());
      EXPECT_TRUE(compactor_->RunRound().ok());
      CountBlocks(tenant);
    }
    PushPart(tenant, data, 100, random, pushed);
    return source_;
  }

 private:
  static ingester::IngesterOptions Options(const Shape& shape) {
    ingester::IngesterOptions options;
    options.flush_check_period = {};
    options.chunk_block_size = shape.block_bytes;
    options.wal.enabled = false;
    return options;
  }

  static chunkstore::Compactor::Options CompactorOptions(const Shape& shape) {
    chunkstore::Compactor::Options options;
    options.interval = {};
    options.job.merger.sealer.block_bytes = shape.block_bytes;
    return options;
  }

  chunkstore::ChunkStore::Options StoreOptions(const Shape& shape) const {
    chunkstore::ChunkStore::Options options;
    options.index_folder = folder_.path();
    // Blocks that are cached are not searched as they are stored.
    if (shape.counts != nullptr) options.fetcher.block_cache_bytes = 0;
    return options;
  }

  void CountBlocks(const model::TenantId& tenant) {
    const auto streams = store_->Chunks({.tenant = tenant});
    ASSERT_TRUE(streams.ok());
    std::string bytes;
    for (const chunkstore::StreamChunks& stream : *streams) {
      for (const chunkstore::ChunkRef& chunk : stream.chunks) {
        EXPECT_TRUE(objects_->GetRange(chunk.pack, chunk.offset, chunk.bytes, bytes).ok());
        EXPECT_TRUE(counts_->Add(bytes).ok());
      }
    }
  }

  // Of each stream what its first so many percent have that is not among `pushed`, in batches of
  // which some become packs.
  void PushPart(const model::TenantId& tenant, const DataSet& data, size_t percent, Random& random,
                std::vector<size_t>& pushed) {
    const uint64_t flush_percent = random.Pick<uint64_t>({0, 20, 100});
    for (bool more = true; more;) {
      more = false;
      for (size_t i = 0; i < data.streams.size(); ++i) {
        const size_t end = data.streams[i].entries.size() * percent / 100;
        const size_t count = std::min<size_t>(end - pushed[i], 1 + random.Below(30));
        if (count > 0) Push(tenant, data.streams[i], pushed[i], count);
        pushed[i] += count;
        more |= pushed[i] < end;
      }
      if (random.Chance(flush_percent)) {
        EXPECT_TRUE(ingester_->Flush(tenant, {}).ok());
      }
    }
  }

  void Push(const model::TenantId& tenant, const Stream& stream, size_t from, size_t count) {
    model::PushBatch batch;
    model::PushStream& out = batch.streams.emplace_back();
    out.labels = std::make_shared<const model::Labels>(ToLabels(stream.labels));
    out.fingerprint = out.labels->Hash();
    out.entry_count = static_cast<uint32_t>(count);
    for (size_t i = from; i < from + count; ++i) {
      const Entry& entry = stream.entries[i];
      batch.entries.push_back({.time_ns = entry.time_ns,
                               .line = entry.line,
                               .metadata_begin = static_cast<uint32_t>(batch.metadata.size()),
                               .metadata_count = static_cast<uint32_t>(entry.metadata.size())});
      for (const auto& [name, value] : entry.metadata) batch.metadata.push_back({name, value});
    }
    const auto outcome = ingester_->Push(tenant, batch);
    EXPECT_TRUE(outcome.ok() && outcome->refusals.empty());
  }

  test::TempFolder folder_;
  test::FaultyFileSystem files_;
  test::ManualClock clock_;
  const StaticLimits limits_;
  Executor background_{"background", 1};
  std::unique_ptr<chunkstore::FsObjectStore> objects_;
  std::unique_ptr<chunkstore::ChunkStore> store_;
  const chunkstore::Retention retention_{{}, limits_};
  SplitCounts* const counts_;  // May be null.
  chunkstore::PackRemover remover_;
  const std::unique_ptr<chunkstore::Compactor> compactor_;  // Null if counts_ is.
  ingester::StoreSink sink_;
  std::unique_ptr<ingester::Ingester> ingester_;
  querier::IngesterSource ingesters_;
  querier::StoreSource stored_;
  querier::MergedSource source_;
};

}  // namespace

std::unique_ptr<Backend> MakeMemoryBackend() { return std::make_unique<MemoryBackend>(); }
std::unique_ptr<Backend> MakeStoredBackend() {
  return std::make_unique<StoredBackend>(StoredBackend::Shape{});
}
std::unique_ptr<Backend> MakeCompactedBackend(SplitCounts& counts) {
  return std::make_unique<StoredBackend>(
      StoredBackend::Shape{.block_bytes = 32 << 10, .counts = &counts});
}

}  // namespace skald::differential
