#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/chunk_store.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "chunkstore/test_entries.h"
#include "support/faulty_file_system.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::chunkstore {

// A store whose packs are in a faulty file system and whose index is on disk.
class StoreFixture : public testing::Test {
 protected:
  StoreFixture() { Reopen(); }

  void Reopen() {
    store_.reset();
    objects_.reset();
    auto objects = FsObjectStore::Open(files_, "/chunks");
    ASSERT_THAT(objects, test::IsOk());
    objects_ = *std::move(objects);
    auto store = ChunkStore::Open({.index_folder = IndexFolder()}, *objects_, clock_);
    ASSERT_THAT(store, test::IsOk());
    store_ = *std::move(store);
  }

  std::string IndexFolder() const { return folder_.path() + "/index"; }

  std::vector<ChunkToStore> Chunks(model::Labels labels,
                                   const std::vector<test::TestEntry>& entries,
                                   BlockSealer::Options options = {}) const {
    const auto shared = std::make_shared<const model::Labels>(std::move(labels));
    BlockSealer sealer(options);
    std::vector<ChunkToStore> chunks;
    for (FinishedChunk& chunk : MakeChunks(test::MakeBlock(entries), sealer)) {
      const uint64_t seq = chunk.summary.max_seq;
      chunks.push_back({.tenant = kTenant,
                        .labels = shared,
                        .fingerprint = shared->Hash(),
                        .chunk = std::move(chunk),
                        .flushed_seq = seq});
    }
    return chunks;
  }

  void Put(model::Labels labels, const std::vector<test::TestEntry>& entries,
           BlockSealer::Options options = {}) {
    ASSERT_THAT(store_->Put(Chunks(std::move(labels), entries, options)), test::IsOk());
  }

  model::ScanRequest Request(model::TimeRange range = model::TimeRange::All()) {
    return {
        .tenant = kTenant, .matchers = {}, .range = range, .direction = model::Direction::kForward};
  }

  // The entries of all streams, in the order in which they come.
  std::vector<test::TestEntry> Read(const model::ScanRequest& request,
                                    model::ScanContext& context) {
    auto scans = store_->Select(request, context);
    EXPECT_THAT(scans, test::IsOk());
    std::vector<test::TestEntry> entries;
    for (const auto& scan : *scans) {
      const auto source = scan->Open();
      for (;;) {
        auto batch = source->Next();
        EXPECT_THAT(batch, test::IsOk());
        if (!batch.ok() || *batch == nullptr) break;
        std::vector<test::TestEntry> rows;
        for (const uint32_t row : (*batch)->selection) {
          EXPECT_GE((*batch)->block->times[row], scan->first_ns());
          EXPECT_LE((*batch)->block->times[row], scan->last_ns());
          rows.push_back(test::EntryAt(*(*batch)->block, row));
        }
        if (request.direction == model::Direction::kBackward) std::ranges::reverse(rows);
        std::ranges::move(rows, std::back_inserter(entries));
      }
    }
    return entries;
  }
  std::vector<test::TestEntry> Read(const model::ScanRequest& request) {
    model::ScanContext context;
    std::vector<test::TestEntry> entries = Read(request, context);
    EXPECT_THAT(context.warnings.Take(), testing::IsEmpty());
    return entries;
  }

  const model::TenantId kTenant{"tenant"};

  const test::TempFolder folder_;
  test::FaultyFileSystem files_;
  test::ManualClock clock_;
  std::unique_ptr<FsObjectStore> objects_;
  std::unique_ptr<ChunkStore> store_;
};

}  // namespace skald::chunkstore
