#include "model/merged_source.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>
#include <tuple>
#include <utility>

#include "support/fake_scan.h"
#include "support/matchers.h"

namespace skald::model {
namespace {

using test::FakeScan;
using test::HasCode;
using test::IsOk;
using BlockPtr = std::shared_ptr<const EntryBlock>;

struct Entry {
  int64_t time = 0;
  uint64_t seq = 0;
  std::string line;
  std::string trace;  // The value of the one metadata column; none when empty.

  auto Content() const { return std::tuple(time, line, trace); }
};

BlockPtr Block(const std::vector<Entry>& entries) {
  EntryBlockBuilder builder;
  for (const Entry& entry : entries) {
    std::vector<MetadataPair> metadata;
    if (!entry.trace.empty()) metadata.push_back({"trace", entry.trace});
    builder.Append(entry.time, entry.seq, entry.line, metadata);
  }
  return std::make_shared<const EntryBlock>(builder.Finish());
}

// The block without its text, as a reader that only counts gets it.
BlockPtr WithoutText(const BlockPtr& block) {
  auto pruned = std::make_shared<EntryBlock>(*block);
  pruned->has_lines = false;
  pruned->lines = {};
  return pruned;
}

class MergedSourceTest : public testing::TestWithParam<Direction> {
 protected:
  Direction direction() const { return GetParam(); }
  bool forward() const { return direction() == Direction::kForward; }

  FakeScan& Add(std::vector<BlockPtr> blocks) {
    auto scan = std::make_unique<FakeScan>(labels_, direction(), std::move(blocks));
    FakeScan& added = *scan;
    scans_.push_back(std::move(scan));
    return added;
  }

  // Merges what was added; checks what every answer must have.
  std::vector<std::unique_ptr<LogBatch>> Merge() {
    MergedSource source(std::move(scans_), direction(), stats_);
    std::vector<std::unique_ptr<LogBatch>> batches;
    for (;;) {
      auto batch = source.Next();
      EXPECT_THAT(batch, IsOk());
      if (!batch.ok() || *batch == nullptr) return batches;
      EXPECT_FALSE((*batch)->selection.empty());
      EXPECT_EQ((*batch)->stream, labels_);
      batches.push_back(*std::move(batch));
    }
  }

  // The entries of batches in ascending order of time.
  std::vector<Entry> Entries(const std::vector<std::unique_ptr<LogBatch>>& batches) const {
    std::vector<Entry> entries;
    for (size_t i = 0; i < batches.size(); ++i) {
      const LogBatch& batch = *batches[forward() ? i : batches.size() - 1 - i];
      const MetadataColumn* trace = batch.block->FindMetadata("trace");
      for (const uint32_t row : batch.selection) {
        Entry entry{.time = batch.block->times[row], .seq = batch.block->seqs[row]};
        if (batch.block->has_lines) entry.line = batch.block->lines[row];
        if (trace != nullptr && trace->Has(row)) entry.trace = (*trace)[row];
        entries.push_back(std::move(entry));
      }
    }
    return entries;
  }

  std::vector<uint64_t> Seqs(const std::vector<std::unique_ptr<LogBatch>>& batches) const {
    std::vector<uint64_t> seqs;
    for (const Entry& entry : Entries(batches)) seqs.push_back(entry.seq);
    return seqs;
  }

  const std::shared_ptr<const Labels> labels_ =
      std::make_shared<const Labels>(Labels{{"app", "a"}});
  StreamScans scans_;
  ScanStats stats_;
};

INSTANTIATE_TEST_SUITE_P(Directions, MergedSourceTest,
                         testing::Values(Direction::kForward, Direction::kBackward));

TEST_P(MergedSourceTest, NothingMergesToNothing) {
  Add({});
  EXPECT_TRUE(Merge().empty());
  EXPECT_TRUE(Merge().empty());
}

TEST_P(MergedSourceTest, SourcesThatDoNotOverlapPassThrough) {
  const BlockPtr early = Block({{1, 1, "a"}, {2, 2, "b"}});
  const BlockPtr late = Block({{3, 3, "c"}, {4, 4, "d"}});
  Add({late});
  Add({early});
  const auto batches = Merge();
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0]->block, forward() ? early : late);
  EXPECT_EQ(batches[1]->block, forward() ? late : early);
  EXPECT_EQ(batches[0]->selection, (std::vector<uint32_t>{0, 1}));
}

TEST_P(MergedSourceTest, OnlyTheOverlapIsCopied) {
  const BlockPtr a = Block({{1, 1, "a"}, {2, 2, "b"}, {10, 3, "c"}});
  const BlockPtr b = Block({{10, 4, "d"}, {20, 5, "e"}, {21, 6, "f"}});
  Add({a});
  Add({b});
  const auto batches = Merge();
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[forward() ? 0 : 2]->block, a);
  EXPECT_EQ(batches[1]->block->size(), 2u);
  EXPECT_EQ(batches[forward() ? 2 : 0]->block, b);
  EXPECT_EQ(Seqs(batches), (std::vector<uint64_t>{1, 2, 3, 4, 5, 6}));
}

TEST_P(MergedSourceTest, OpensAScanOnlyWhenItGetsThere) {
  bool opened = false;
  Add({Block({{1, 1, "a"}}), Block({{2, 2, "b"}})}).WatchOpen(&opened);
  Add({Block({{3, 3, "c"}}), Block({{4, 4, "d"}})});
  if (forward()) std::swap(scans_[0], scans_[1]);
  if (forward()) {
    // The first scan is the one that comes last then.
    static_cast<FakeScan&>(*scans_[1]).WatchOpen(nullptr);
    static_cast<FakeScan&>(*scans_[0]).WatchOpen(&opened);
  }
  MergedSource source(std::move(scans_), direction(), stats_);
  ASSERT_THAT(source.Next(), IsOk());
  ASSERT_THAT(source.Next(), IsOk());
  EXPECT_FALSE(opened);
  ASSERT_THAT(source.Next(), IsOk());
  EXPECT_TRUE(opened);
}

TEST_P(MergedSourceTest, EqualEntriesOfDifferentSourcesAreOne) {
  Add({Block({{5, 1, "a", "t"}, {5, 3, "b"}})});
  Add({Block({{5, 2, "a", "t"}, {5, 4, "a", "u"}, {6, 5, "b"}})});
  const auto batches = Merge();
  EXPECT_EQ(Seqs(batches), (std::vector<uint64_t>{1, 3, 4, 5}));
  EXPECT_EQ(stats_.duplicates, 1u);
}

TEST_P(MergedSourceTest, FindsDuplicatesAcrossBatchBorders) {
  Add({Block({{5, 1, "a"}}), Block({{5, 2, "b"}}), Block({{5, 3, "c"}, {7, 4, "d"}})});
  Add({Block({{5, 13, "c"}}), Block({{5, 14, "a"}}), Block({{6, 15, "x"}})});
  EXPECT_EQ(Seqs(Merge()), (std::vector<uint64_t>{1, 2, 3, 15, 4}));
  EXPECT_EQ(stats_.duplicates, 2u);
}

TEST_P(MergedSourceTest, OnlyTheSequenceTellsOfTextThatIsNowhere) {
  Add({WithoutText(Block({{5, 1, "a"}, {5, 2, "b"}}))});
  Add({WithoutText(Block({{5, 2, "b"}, {5, 3, "c"}}))});
  EXPECT_EQ(Seqs(Merge()), (std::vector<uint64_t>{1, 2, 3}));
  EXPECT_EQ(stats_.duplicates, 1u);
}

TEST_P(MergedSourceTest, OnlyTheSequenceTellsOfMetadataThatIsNowhere) {
  for (const uint64_t seq : {1, 2}) {
    auto block = std::make_shared<EntryBlock>(*Block({{5, seq, "same"}}));
    block->has_all_metadata = false;
    Add({block});
  }
  EXPECT_EQ(Merge()[0]->block->size(), 2u);
}

// Blocks as a reader that only counts gets them, which can be read whole.
class CountedBlocksTest : public MergedSourceTest {
 protected:
  void AddCounted(const std::vector<Entry>& entries, bool readable = true) {
    const BlockPtr whole = Block(entries);
    const BlockPtr pruned = WithoutText(whole);
    whole_[pruned] = whole;
    Add({pruned}).ReadWholeBy([this, readable](const BlockPtr& block) -> Result<BlockPtr> {
      ++reads_;
      if (!error_.ok()) return error_;
      return readable ? whole_.at(block) : nullptr;
    });
  }

  std::map<BlockPtr, BlockPtr> whole_;
  int reads_ = 0;
  Status error_;
};

INSTANTIATE_TEST_SUITE_P(Directions, CountedBlocksTest,
                         testing::Values(Direction::kForward, Direction::kBackward));

TEST_P(CountedBlocksTest, EqualEntriesAreOneWithoutTheirText) {
  AddCounted({{5, 1, "a", "t"}, {5, 2, "b"}});
  AddCounted({{5, 3, "a", "t"}, {5, 4, "a", "u"}, {6, 5, "b"}});
  EXPECT_EQ(Seqs(Merge()), (std::vector<uint64_t>{1, 2, 4, 5}));
  EXPECT_EQ(stats_.duplicates, 1u);
  EXPECT_EQ(reads_, 2);
}

TEST_P(CountedBlocksTest, AreNotReadWhereNumbersTell) {
  AddCounted({{5, 1, "a"}, {5, 2, "b"}, {7, 3, "c"}});
  AddCounted({{5, 1, "a"}, {5, 2, "b"}, {6, 4, "c"}, {8, 5, "c"}});
  EXPECT_EQ(Seqs(Merge()), (std::vector<uint64_t>{1, 2, 4, 3, 5}));
  EXPECT_EQ(reads_, 0);
}

TEST_P(CountedBlocksTest, MayBeMergedTwice) {
  AddCounted({{5, 1, "a"}, {6, 2, "b"}});
  AddCounted({{5, 3, "c"}, {6, 4, "d"}});
  std::vector<StreamScans> parts;
  parts.push_back(std::exchange(scans_, {}));
  StreamScans inner = MergeScans(std::move(parts), direction(), stats_);
  AddCounted({{5, 7, "c"}, {6, 8, "b"}});
  scans_.push_back(std::move(inner.front()));
  EXPECT_EQ(Seqs(Merge()), (std::vector<uint64_t>{1, 3, 2, 4}));
  EXPECT_EQ(stats_.duplicates, 2u);
}

TEST_P(CountedBlocksTest, RowsThatCannotBeReadToBeComparedAreMissing) {
  AddCounted({{5, 1, "a"}, {5, 2, "b"}, {6, 3, "b"}, {7, 4, "c"}}, false);
  AddCounted({{5, 5, "a"}, {7, 6, "c"}});
  const auto batches = Merge();
  EXPECT_EQ(Seqs(batches), (std::vector<uint64_t>{5, 3, 6}));
  EXPECT_EQ(stats_.duplicates, 0u);
  // Nor can what is left of it be read whole later.
  const auto left = std::ranges::find_if(batches, [](const auto& batch) {
    return std::ranges::any_of(batch->selection,
                               [&](uint32_t row) { return batch->block->seqs[row] == 3; });
  });
  ASSERT_NE(left, batches.end());
  const auto whole = (*left)->read_whole();
  ASSERT_THAT(whole, IsOk());
  EXPECT_EQ(*whole, nullptr);
}

TEST_P(CountedBlocksTest, AnErrorOfReadingIsReturned) {
  AddCounted({{5, 1, "a"}});
  AddCounted({{5, 2, "a"}});
  error_ = DataLoss("block 3: crc mismatch");
  MergedSource source(std::move(scans_), direction(), stats_);
  EXPECT_THAT(source.Next(), HasCode(StatusCode::kDataLoss));
}

TEST_P(MergedSourceTest, BoundsMayBeWiderThanWhatIsThere) {
  Add({Block({{5, 1, "a"}})}).Widen(-100, 100);
  Add({Block({{6, 2, "b"}})}).Widen(5, 6);
  Add({}).Widen(0, 50);
  EXPECT_EQ(Seqs(Merge()), (std::vector<uint64_t>{1, 2}));
}

TEST_P(MergedSourceTest, TakesTimesAtTheEdgesOfTheType) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  Add({Block({{kMin, 1, "a"}, {kMax, 2, "b"}})});
  Add({Block({{kMin, 1, "a"}, {kMax, 3, "c"}})});
  EXPECT_EQ(Seqs(Merge()), (std::vector<uint64_t>{1, 2, 3}));
}

TEST_P(MergedSourceTest, AnErrorEndsTheMerge) {
  Add({Block({{1, 1, "a"}})}).FailAtEnd(DataLoss("block 3: crc mismatch"));
  Add({Block({{1, 2, "b"}})});
  MergedSource source(std::move(scans_), direction(), stats_);
  EXPECT_THAT(source.Next(), HasCode(StatusCode::kDataLoss));
}

// Random entries, some of them in several sources, cut into random batches.
TEST_P(MergedSourceTest, AgreesWithAMap) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const size_t sources = 1 + random() % 5;
    const int64_t times = 1 + static_cast<int64_t>(random() % 40);
    std::map<std::tuple<int64_t, std::string, std::string>, uint64_t> expected;
    size_t total = 0;
    for (size_t s = 0; s < sources; ++s) {
      std::map<std::tuple<int64_t, std::string, std::string>, Entry> entries;
      const int64_t offset = static_cast<int64_t>(random() % 3) * times / 2;
      for (size_t left = random() % 60; left > 0; --left) {
        Entry entry{.time = offset + static_cast<int64_t>(random() % static_cast<unsigned>(times)),
                    .seq = random() % 1000,
                    .line = std::to_string(random() % 3),
                    .trace = random() % 2 == 0 ? "" : std::to_string(random() % 2)};
        entries.try_emplace(entry.Content(), entry);
      }
      std::vector<Entry> sorted;
      for (const auto& [content, entry] : entries) {
        sorted.push_back(entry);
        const auto [it, added] = expected.try_emplace(content, entry.seq);
        if (!added) it->second = std::min(it->second, entry.seq);
      }
      total += sorted.size();
      std::stable_sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) {
        return std::pair(a.time, a.seq) < std::pair(b.time, b.seq);
      });
      std::vector<BlockPtr> blocks;
      for (size_t begin = 0; begin < sorted.size();) {
        const size_t end = std::min(sorted.size(), begin + 1 + random() % 10);
        blocks.push_back(Block({sorted.begin() + static_cast<std::ptrdiff_t>(begin),
                                sorted.begin() + static_cast<std::ptrdiff_t>(end)}));
        begin = end;
      }
      FakeScan& scan = Add(std::move(blocks));
      if (random() % 4 == 0) scan.Widen(-5, times * 2);
    }
    const uint64_t duplicates_before = stats_.duplicates;
    const std::vector<Entry> merged = Entries(Merge());
    ASSERT_EQ(merged.size(), expected.size());
    ASSERT_EQ(stats_.duplicates - duplicates_before, total - expected.size());
    for (size_t i = 0; i < merged.size(); ++i) {
      if (i > 0) {
        ASSERT_LE(std::pair(merged[i - 1].time, merged[i - 1].seq),
                  std::pair(merged[i].time, merged[i].seq));
      }
      const auto it = expected.find(merged[i].Content());
      ASSERT_NE(it, expected.end());
      ASSERT_EQ(it->second, merged[i].seq);
    }
  }
}

}  // namespace
}  // namespace skald::model
