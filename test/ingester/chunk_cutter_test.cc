#include "ingester/chunk_cutter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "chunkstore/format/chunk_reader.h"
#include "support/matchers.h"

namespace skald::ingester {
namespace {

using test::IsOk;

struct Row {
  int64_t time = 0;
  std::string line;

  friend auto operator<=>(const Row&, const Row&) = default;
};

class ChunkCutterTest : public testing::Test {
 protected:
  StreamPart Part(const std::vector<Row>& rows) {
    model::EntryBlockBuilder builder;
    for (const Row& row : rows) builder.Append(row.time, ++seq_, row.line, {});
    auto blocks = std::make_shared<SealedBlocks>();
    sealer_.Seal(builder.Finish(), *blocks);
    StreamPart part;
    part.sealed = std::move(blocks);
    return part;
  }

  // The rows of each chunk, after checking that they are in order of time.
  std::vector<std::vector<Row>> Cut(const std::vector<StreamPart>& parts,
                                    uint64_t chunk_bytes = 1 << 20) {
    auto chunks = CutChunks(parts, chunk_bytes, sealer_);
    EXPECT_THAT(chunks, IsOk());
    std::vector<std::vector<Row>> out;
    for (const chunkstore::FinishedChunk& chunk : *chunks) {
      const std::string bytes = chunk.Bytes();
      auto reader = chunkstore::ChunkReader::Make(bytes);
      EXPECT_THAT(reader, IsOk());
      auto& rows = out.emplace_back();
      for (size_t i = 0; i < reader->blocks().size(); ++i) {
        auto block = reader->ReadBlock(i, model::ColumnSet());
        EXPECT_THAT(block, IsOk());
        for (size_t row = 0; row < block->size(); ++row) {
          rows.push_back({block->times[row], std::string(block->lines[row])});
        }
      }
      EXPECT_TRUE(std::ranges::is_sorted(rows, {}, &Row::time));
    }
    return out;
  }

  uint64_t seq_ = 0;
  chunkstore::BlockSealer sealer_{{}};
};

TEST_F(ChunkCutterTest, JoinsPartsThatFollowEachOther) {
  const auto chunks = Cut({Part({{1, "a"}, {2, "b"}}), Part({{3, "c"}})});
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_EQ(chunks[0], (std::vector<Row>{{1, "a"}, {2, "b"}, {3, "c"}}));
}

TEST_F(ChunkCutterTest, JoinsPartsThatArrivedInTheWrongOrder) {
  const auto chunks = Cut({Part({{5, "c"}}), Part({{1, "a"}, {2, "b"}})});
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_EQ(chunks[0], (std::vector<Row>{{1, "a"}, {2, "b"}, {5, "c"}}));
}

TEST_F(ChunkCutterTest, DealsNeighboursThatOverlapOutToTwoChunks) {
  std::vector<StreamPart> parts;
  for (int i = 0; i < 10; ++i) parts.push_back(Part({{10 * i, "a"}, {10 * i + 12, "b"}}));
  const auto chunks = Cut(parts);
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_EQ(chunks[0].size(), 10u);
  EXPECT_EQ(chunks[1].size(), 10u);
}

TEST_F(ChunkCutterTest, CutsAtTheSizeAimedAt) {
  std::vector<StreamPart> parts;
  for (int i = 0; i < 10; ++i) parts.push_back(Part({{i, std::to_string(i * 7919)}}));
  EXPECT_EQ(Cut(parts, 1).size(), 10u);
}

TEST_F(ChunkCutterTest, CutsAtMidnight) {
  constexpr int64_t kDay = 86'400'000'000'000;
  EXPECT_EQ(Cut({Part({{kDay - 1, "a"}, {kDay, "b"}, {kDay + 1, "c"}})}).size(), 2u);
}

TEST_F(ChunkCutterTest, SortsWhatCameInNoOrderAndDropsRepetitions) {
  std::mt19937 random(5);
  std::vector<StreamPart> parts;
  std::vector<Row> all;
  for (int i = 0; i < 20; ++i) {
    std::vector<Row> rows;
    for (int k = 0; k < 50; ++k) {
      rows.push_back({static_cast<int64_t>(random() % 100), std::to_string(random() % 50)});
    }
    all.insert(all.end(), rows.begin(), rows.end());
    parts.push_back(Part(rows));
  }
  auto chunks = Cut(parts);
  ASSERT_EQ(chunks.size(), 1u);
  std::ranges::sort(chunks[0]);
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  EXPECT_EQ(chunks[0], all);
}

}  // namespace
}  // namespace skald::ingester
