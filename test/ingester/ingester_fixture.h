#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fake_sink.h"
#include "ingester/ingester.h"
#include "push_batches.h"
#include "support/faulty_file_system.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::ingester {

inline const model::Labels kA = {{"app", "a"}};
inline const model::Labels kB = {{"app", "b"}};
inline const model::Labels kProdA = {{"app", "a"}, {"env", "prod"}};
inline const model::Labels kProdB = {{"app", "b"}, {"env", "prod"}};

using EntriesByStream = std::map<std::string, std::vector<TestEntry>>;

// An ingester over a file system and a store that survive it, with nothing that runs by itself.
class IngesterFixture : public testing::Test {
 protected:
  IngesterFixture() {
    options_.flush_check_period = {};
    options_.chunk_block_size = 400;
    options_.wal.dir = "wal";
    options_.wal.segment_bytes = 4096;
    options_.wal.reserve_bytes = 1024;
    limits_value_.per_stream_rate_limit = 0;
  }

  Status TryOpen() {
    ingester_.reset();
    limits_ = std::make_unique<StaticLimits>(limits_value_);
    auto ingester =
        Ingester::Open(options_, {files_, clock_, *limits_, sink_, background_, nullptr});
    if (!ingester.ok()) return std::move(ingester).status();
    ingester_ = *std::move(ingester);
    return Status();
  }
  void Open() { ASSERT_THAT(TryOpen(), test::IsOk()); }

  // The machine goes down and comes up again.
  void CrashAndOpen() {
    files_.Crash();
    files_.ClearFaults();
    Open();
  }

  // Every second push is one whose lines the log writes as places in a packed text.
  Result<rpc::PushOutcome> Push(const std::vector<TestStream>& streams) {
    const Packing packing = ++pushes_ % 2 == 0 ? Packing::kSnappy : Packing::kNone;
    return ingester_->Push(tenant_, MakeBatch(streams, packing));
  }

  static model::ScanRequest Request(model::TimeRange range, model::Direction direction) {
    model::ScanRequest request;
    request.range = range;
    request.direction = direction;
    return request;
  }
  static model::Matcher Equal(std::string_view name, std::string_view value) {
    return *model::Matcher::Make(model::MatchOp::kEqual, name, value);
  }

  // Everything that matches `selector` in memory, duplicates and all, in the order in which it is
  // handed out.
  EntriesByStream Read(model::ScanRequest request) {
    request.tenant = tenant_;
    model::ScanContext context;
    auto scans = ingester_->Select(request, context);
    EXPECT_THAT(scans, test::IsOk());
    EntriesByStream out;
    for (const auto& scan : *scans) {
      const auto source = scan->Open();
      for (auto batch = source->Next();; batch = source->Next()) {
        EXPECT_THAT(batch, test::IsOk());
        if (!batch.ok() || *batch == nullptr) break;
        AppendBatch(**batch, request.direction, out[scan->labels()->ToString()]);
      }
    }
    return out;
  }
  EntriesByStream ReadAll() {
    model::ScanRequest request;
    request.range = model::TimeRange::All();
    request.direction = model::Direction::kForward;
    return Read(std::move(request));
  }

  static void AppendBatch(const model::LogBatch& batch, model::Direction direction,
                          std::vector<TestEntry>& out) {
    std::vector<uint32_t> rows = batch.selection;
    if (direction == model::Direction::kBackward) std::ranges::reverse(rows);
    for (const uint32_t row : rows) {
      const model::EntryBlock& block = *batch.block;
      TestEntry& entry = out.emplace_back();
      entry.time_ns = block.times[row];
      entry.line = block.lines[row];
      for (const model::MetadataColumn& column : block.metadata) {
        if (column.Has(row)) entry.metadata.emplace_back(column.name, column[row]);
      }
    }
  }

  // What a query sees: memory and store together, what is equal in both taken once.
  EntriesByStream Union() {
    EntriesByStream all = sink_.Entries();
    for (auto& [labels, entries] : ReadAll()) {
      auto& out = all[labels];
      const size_t stored = out.size();
      for (TestEntry& entry : entries) {
        if (!std::binary_search(out.begin(), out.begin() + stored, entry)) out.push_back(entry);
      }
      std::ranges::sort(out);
    }
    return all;
  }

  // Returns when all parts that were full by now are compressed.
  void WaitForCompression() {
    std::promise<void> done;
    background_.Submit([&done] { done.set_value(); });
    done.get_future().wait();
  }

  const model::TenantId tenant_{"team"};
  test::FaultyFileSystem files_;
  test::ManualClock clock_;
  Limits limits_value_;
  std::unique_ptr<StaticLimits> limits_;
  FakeSink sink_;
  Executor background_{"background", 1};
  IngesterOptions options_;
  std::unique_ptr<Ingester> ingester_;
  std::atomic<int> pushes_ = 0;
};

}  // namespace skald::ingester
