#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "chunkstore/compactor_fixture.h"
#include "model/line_excerpt.h"

namespace skald::chunkstore {
namespace {

using test::IsOk;
using test::TestEntry;
using testing::IsEmpty;

// Of "level=... took=...ms id=..." the end of the level and how long it took, if the outline is one
// of these.
class TookExcerpt final : public model::LineExcerpt {
 public:
  bool Cut(const model::LineOutline& outline, std::vector<Range>& kept) const override {
    const size_t took = outline.text.find("took=");
    if (took == std::string::npos || outline.holes.size() != 3) return false;
    kept = {{took, outline.text.find(' ', took)}};
    return true;
  }
};

TestEntry Entry(size_t i) {
  return {.time = test::kStartNs + static_cast<int64_t>(i) * test::kSecond,
          .seq = i + 1,
          .line = std::string("level=") + (i % 5 == 0 ? "error" : "info") +
                  " took=" + std::to_string(i * 7) + "ms id=" + std::to_string(1'000'000 + i * i)};
}

std::string Took(size_t i) {
  const std::string line = Entry(i).line;
  const size_t took = line.find("took=");
  return line.substr(took, line.find(' ', took) - took);
}

class StoreExcerptTest : public CompactorFixture {
 protected:
  static constexpr size_t kEntries = 1000;

  // Two packs, each entry in one of them, or in both if they are to be told apart.
  void PutEntries(bool twice = false) {
    std::vector<std::vector<TestEntry>> packs(2);
    for (size_t i = 0; i < kEntries; ++i) packs[i < kEntries / 2 ? 0 : 1].push_back(Entry(i));
    Put({{"app", "api"}}, packs[0]);
    if (twice) packs[1].push_back({.time = Entry(3).time, .seq = 5000, .line = Entry(3).line});
    Put({{"app", "api"}}, packs[1]);
  }

  model::ScanRequest Wanted() {
    model::ScanRequest request = Request();
    request.columns.all_metadata = false;
    request.excerpt = excerpt_;
    return request;
  }

  std::vector<std::unique_ptr<model::LogBatch>> Batches(const model::ScanRequest& request) {
    std::vector<std::unique_ptr<model::LogBatch>> batches;
    const auto scans = store_->Select(request, context_);
    EXPECT_THAT(scans, IsOk());
    for (const auto& scan : *scans) {
      const auto source = scan->Open();
      for (;;) {
        auto batch = source->Next();
        EXPECT_THAT(batch, IsOk());
        if (!batch.ok() || *batch == nullptr) break;
        batches.push_back(*std::move(batch));
      }
    }
    EXPECT_THAT(context_.warnings.Take(), IsEmpty());
    return batches;
  }

  const std::shared_ptr<const model::LineExcerpt> excerpt_ = std::make_shared<TookExcerpt>();
  model::ScanContext context_;
};

TEST_F(StoreExcerptTest, LinesThatAreNotSplitComeWhole) {
  PutEntries();
  size_t row = 0;
  for (const auto& batch : Batches(Wanted())) {
    EXPECT_TRUE(batch->block->has_lines);
    EXPECT_FALSE(batch->block->has_excerpts);
    for (const uint32_t i : batch->selection) {
      EXPECT_EQ(batch->block->texts()[i], Entry(row++).line);
    }
  }
  EXPECT_EQ(row, kEntries);
}

TEST_F(StoreExcerptTest, SplitLinesComeAsExcerpts) {
  PutEntries();
  ASSERT_THAT(Compact(), IsOk());
  for (int asked = 0; asked < 3; ++asked) {
    size_t row = 0;
    for (const auto& batch : Batches(Wanted())) {
      const model::EntryBlock& block = *batch->block;
      EXPECT_FALSE(block.has_lines);
      ASSERT_TRUE(block.has_excerpts);
      EXPECT_EQ(block.lines.text, "");
      const auto whole = batch->read_whole();
      ASSERT_THAT(whole, IsOk());
      for (const uint32_t i : batch->selection) {
        ASSERT_EQ(block.texts()[i], Took(row));
        ASSERT_EQ(block.lines.Length(i), Entry(row).line.size());
        ASSERT_EQ((*whole)->lines[i], Entry(row++).line);
      }
    }
    EXPECT_EQ(row, kEntries);
  }
}

TEST_F(StoreExcerptTest, LinesAreSearchedForWhatExcerptsLack) {
  PutEntries();
  ASSERT_THAT(Compact(), IsOk());
  model::ScanRequest request = Wanted();
  request.literals = {{.any_of = {"error"}}};
  size_t row = 0;
  for (const auto& batch : Batches(request)) {
    ASSERT_TRUE(batch->block->has_excerpts);
    for (const uint32_t i : batch->selection) {
      ASSERT_EQ(batch->block->texts()[i], Took(row));
      row += 5;
    }
  }
  EXPECT_EQ(row, kEntries);
}

TEST_F(StoreExcerptTest, LinesOutOfTheCacheAreWhole) {
  PutEntries();
  ASSERT_THAT(Compact(), IsOk());
  model::ScanRequest lines = Wanted();
  lines.excerpt = nullptr;
  for (int asked = 0; asked < 2; ++asked) Batches(lines);
  const auto batches = Batches(Wanted());
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_TRUE(batches[0]->block->has_lines);
  EXPECT_EQ(batches[0]->block->texts()[7], Entry(7).line);
}

// Where entries of several chunks must be told apart, lines are compared, not excerpts.
TEST_F(StoreExcerptTest, EntriesAreToldApartByTheirLines) {
  PutEntries(true);
  ASSERT_THAT(Compact(), IsOk());
  // Like entry 7 but for its level, which excerpts lack; and entry 9 once more.
  TestEntry alike = Entry(7);
  alike.line.replace(0, 10, "level=warn");
  Put({{"app", "api"}}, {{.time = alike.time, .seq = 6000, .line = alike.line},
                         {.time = Entry(9).time, .seq = 6001, .line = Entry(9).line}});
  size_t rows = 0;
  for (const auto& batch : Batches(Wanted())) rows += batch->selection.size();
  EXPECT_EQ(rows, kEntries + 1);
}

}  // namespace
}  // namespace skald::chunkstore
