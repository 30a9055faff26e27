#include "chunkstore/index/day_packs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/index/index_audit.h"
#include "chunkstore/index_fixture.h"
#include "chunkstore/test_entries.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::Labels;
using model::TimeRange;
using test::IsOk;
using test::kStartNs;
using testing::ElementsAre;
using testing::IsEmpty;

const Period kDay = DayOf(kStartNs);

// An index of a day with the packs "a" and "b", each with a chunk of two streams, and a next day
// with "c".
class DayPacksTest : public IndexFixture {
 protected:
  void SetUp() override {
    Reopen();
    ASSERT_THAT(index_->MarkFounded(), IsOk());
    for (const char* app : {"x", "y"}) {
      chunks_.push_back(Chunk(app, "a", kStartNs));
      chunks_.push_back(Chunk(app, "b", kStartNs + 100));
    }
    chunks_.push_back(Chunk("x", "c", kStartNs + kDayNs));
    Commit({.removed = {}, .chunks = chunks_, .watermarks = {}});
  }

  void Commit(const FlushCommit& commit) { ASSERT_THAT(index_->Commit(commit), IsOk()); }

  static CommittedChunk Chunk(const std::string& app, std::string pack, int64_t time) {
    const auto labels = std::make_shared<const Labels>(Labels({{"app", app}}));
    return {
        .tenant = kTenant,
        .labels = labels,
        .fingerprint = labels->Hash(),
        .ref = {.pack = std::move(pack),
                .offset = app == "x" ? 8u : 108u,
                .bytes = 100,
                .head_bytes = 50,
                .summary = {.min_time = time, .max_time = time + 10, .max_seq = 1, .entries = 1}}};
  }

  // Packs of the chunks that a lookup finds which wants only some packs; asked_ is what it was
  // asked about.
  std::multiset<std::string> Find(const std::set<std::string>& wanted,
                                  TimeRange range = TimeRange::All()) {
    asked_.clear();
    const auto found = index_->Find(kTenant, {}, range, [&](const std::string& pack) {
      asked_.push_back(pack);
      return wanted.contains(pack);
    });
    EXPECT_THAT(found, IsOk());
    std::multiset<std::string> packs;
    for (const StreamChunks& stream : *found) {
      for (const ChunkRef& chunk : stream.chunks) packs.insert(chunk.pack);
    }
    return packs;
  }

  void ChangeIndex(const std::function<void(KvBatch&)>& change) {
    index_.reset();
    auto store = KvStore::Open({.folder = Folder()});
    ASSERT_THAT(store, IsOk());
    KvBatch batch;
    change(batch);
    ASSERT_THAT((*store)->Write(batch), IsOk());
  }

  std::vector<std::string> Faults() {
    index_.reset();
    auto audit = IndexAudit::Open(Folder());
    EXPECT_THAT(audit, IsOk());
    std::vector<std::string> faults;
    const auto on_fault = [&](const std::string& what) { faults.push_back(what); };
    const auto days = (*audit)->Days(on_fault);
    EXPECT_THAT(days, IsOk());
    for (const IndexAudit::Day& day : *days) {
      EXPECT_THAT((*audit)->CheckDay(day, on_fault), IsOk());
    }
    return faults;
  }

  std::vector<CommittedChunk> chunks_;
  std::vector<std::string> asked_;
};

TEST_F(DayPacksTest, ALookupLeavesOutWhatIsInPacksThatItDoesNotWant) {
  EXPECT_THAT(Find({"a", "b", "c"}), ElementsAre("a", "a", "b", "b", "c"));
  EXPECT_THAT(asked_, ElementsAre("a", "b", "c"));
  EXPECT_THAT(Find({"b"}), ElementsAre("b", "b"));
  EXPECT_THAT(Find({"c"}), ElementsAre("c"));
  EXPECT_THAT(Find({}), IsEmpty());
}

TEST_F(DayPacksTest, OnlyPacksOfItsTimeAreAskedFor) {
  EXPECT_THAT(Find({"a", "b", "c"}, {kStartNs + 50, kStartNs + 200}), ElementsAre("b", "b"));
  EXPECT_THAT(asked_, ElementsAre("b"));
}

TEST_F(DayPacksTest, OfADayWithoutAPackThatIsWantedNoSeriesIsRead) {
  ChangeIndex([](KvBatch& batch) { batch.Put(SeriesKey(kTenant, kDay, 0), "damaged"); });
  Reopen();
  EXPECT_THAT(Find({"c"}), ElementsAre("c"));
  EXPECT_FALSE(index_->Find(kTenant, {}, TimeRange::All()).ok());
}

TEST_F(DayPacksTest, APackStaysUntilItsLastChunkOfTheDayIsRemoved) {
  Commit({.removed = {chunks_[0]}, .chunks = {}, .watermarks = {}});
  EXPECT_THAT(Find({"a"}), ElementsAre("a"));
  Commit({.removed = {chunks_[2]}, .chunks = {}, .watermarks = {}});
  EXPECT_THAT(Find({"a"}), IsEmpty());
  EXPECT_THAT(asked_, ElementsAre("b", "c"));
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(DayPacksTest, AreToldFromTheChunksOfAnIndexThatLacksThem) {
  ChangeIndex([](KvBatch& batch) {
    for (const Period day : {kDay, kDay + 1}) batch.DeletePrefix(DayPacksPrefix(kTenant, day));
    batch.Put(kFormatKey, "1");
  });
  EXPECT_THAT(Faults(), IsEmpty());  // As an index of that version they are not missing.
  Reopen();
  ASSERT_TRUE(*index_->IsFounded());
  EXPECT_THAT(Find({"b"}), ElementsAre("b", "b"));
  EXPECT_THAT(asked_, ElementsAre("a", "b", "c"));
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(DayPacksTest, WhereNoneIsKnownNothingIsRuledOut) {
  ChangeIndex([](KvBatch& batch) { batch.DeletePrefix(DayPacksPrefix(kTenant, kDay)); });
  Reopen();
  EXPECT_THAT(Find({}), ElementsAre("a", "a", "b", "b"));
}

TEST_F(DayPacksTest, TellsOfNamesByDay) {
  EXPECT_TRUE(*index_->HasName(kTenant, "app", TimeRange::All()));
  EXPECT_FALSE(*index_->HasName(kTenant, "env", TimeRange::All()));
  EXPECT_FALSE(*index_->HasName(kTenant, "app", {kStartNs + 2 * kDayNs, kStartNs + 3 * kDayNs}));
}

}  // namespace
}  // namespace skald::chunkstore
