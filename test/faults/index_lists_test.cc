#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/index/label_index.h"
#include "chunkstore/index/value_lists.h"
#include "faults/rocksdb_files.h"
#include "model/labels.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

// Lists of values that the index keeps, around commits that fail.
namespace skald {
namespace {

using chunkstore::CommittedChunk;
using chunkstore::LabelIndex;
using chunkstore::ValueLists;
using test::FaultyFileSystem;
using test::IsOk;
using testing::Contains;
using testing::ElementsAreArray;
using Op = FaultyFileSystem::Op;

constexpr int64_t kStartNs = 1'700'006'400'000'000'000;
const model::TenantId kTenant("team");

struct WriteFault {
  const char* name;
  Op op;
  StatusCode code;
  size_t short_bytes;
};

void PrintTo(const WriteFault& fault, std::ostream* out) { *out << fault.name; }

class IndexListsTest : public testing::TestWithParam<WriteFault> {
 protected:
  void Open() {
    index_.reset();
    LabelIndex::Options options;
    options.folder = "/data/index";
    options.env = env_.get();
    auto index = LabelIndex::Open(options);
    ASSERT_THAT(index, IsOk());
    index_ = *std::move(index);
  }

  // Of streams that have these ids, a chunk each.
  Status Commit(const std::vector<std::string>& ids) {
    chunkstore::FlushCommit commit;
    for (const std::string& id : ids) {
      auto labels = std::make_shared<const model::Labels>(model::Labels{{"id", id}});
      const model::Fingerprint fingerprint = labels->Hash();
      commit.chunks.push_back(CommittedChunk{
          .tenant = kTenant,
          .labels = std::move(labels),
          .fingerprint = fingerprint,
          .ref = {.pack = "packs/" + std::to_string(++packs_),
                  .offset = 8,
                  .bytes = 100,
                  .head_bytes = 50,
                  .summary = {.min_time = kStartNs, .max_time = kStartNs, .max_seq = packs_}}});
    }
    return index_->Commit(commit);
  }

  std::vector<std::string> Ids() {
    const auto values = index_->LabelValues(kTenant, "id", {}, model::TimeRange::All());
    EXPECT_THAT(values, IsOk());
    if (!values.ok()) return {};
    return {values->begin(), values->end()};
  }

  FaultyFileSystem files_;
  const std::unique_ptr<rocksdb::Env> env_ = test::MakeRocksDbEnv(files_);
  std::unique_ptr<LabelIndex> index_;
  uint64_t packs_ = 0;
};

// Whether the failed commit reached the disk only RocksDB's recovery knows. A kept list that took
// the next commit in without being read anew would lack it.
TEST_P(IndexListsTest, HaveWhatTheIndexHasAfterACommitThatFailed) {
  Open();
  std::vector<std::string> ids;
  for (size_t i = 0; i < ValueLists::kMinValues; ++i) ids.push_back(std::to_string(1'000'000 + i));
  ASSERT_THAT(Commit(ids), IsOk());
  ASSERT_EQ(Ids().size(), ids.size());  // From now on it is kept.
  files_.Inject({.op = GetParam().op,
                 .code = GetParam().code,
                 .path_contains = "/data/index",
                 .times = std::numeric_limits<int>::max(),  // The commit is tried again.
                 .short_bytes = GetParam().short_bytes});
  EXPECT_FALSE(Commit({"failed"}).ok());
  EXPECT_THAT(Ids(), Contains("1000000"));
  files_.ClearFaults();
  ASSERT_THAT(Commit({"next"}), IsOk());
  const std::vector<std::string> listed = Ids();
  EXPECT_THAT(listed, Contains("next"));
  Open();
  EXPECT_THAT(listed, ElementsAreArray(Ids()));
}

INSTANTIATE_TEST_SUITE_P(
    OfWrites, IndexListsTest,
    testing::Values(WriteFault{"AppendFails", Op::kAppend, StatusCode::kUnavailable, 0},
                    WriteFault{"AppendIsShort", Op::kAppend, StatusCode::kUnavailable, 60},
                    WriteFault{"DiskIsFull", Op::kAppend, StatusCode::kResourceExhausted, 0},
                    WriteFault{"SyncFails", Op::kSync, StatusCode::kUnavailable, 0}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace skald
