#include "maintenance/inspect.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <string>
#include <variant>

#include "chunkstore/format/block_filters.h"
#include "chunkstore/store_fixture.h"
#include "chunkstore/stored_pack.h"
#include "common/disk_use.h"

namespace skald::maintenance {
namespace {

using test::IsOk;
using testing::HasSubstr;

class InspectTest : public chunkstore::StoreFixture {
 protected:
  Inspection Run(const std::set<std::string>& wanted) {
    auto inspection =
        Inspect(files_, {.chunks = "/chunks", .index = IndexFolder(), .wal = "/wal"}, wanted);
    EXPECT_THAT(inspection, IsOk());
    return *std::move(inspection);
  }

  std::string PackPath() { return "/chunks/" + (*objects_->List("packs/"))[0].key; }

  // Of the only row of a table.
  static const Table::Cell& CellOf(const Inspection& inspection, const std::string& table,
                                   const std::string& column) {
    const auto found = std::ranges::find(inspection.tables, table, &Table::name);
    EXPECT_NE(found, inspection.tables.end()) << table;
    EXPECT_EQ(found->rows.size(), 1u) << table;
    const auto at = std::ranges::find(found->columns, column) - found->columns.begin();
    return found->rows.at(0).at(static_cast<size_t>(at));
  }
  static uint64_t Number(const Inspection& inspection, const std::string& table,
                         const std::string& column) {
    return std::get<uint64_t>(CellOf(inspection, table, column));
  }
  static double Share(const Inspection& inspection, const std::string& table,
                      const std::string& column) {
    return std::get<double>(CellOf(inspection, table, column));
  }
  static double Of(uint64_t part, uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  }
  static std::map<std::string, uint64_t> KeysByKind(const Inspection& inspection) {
    std::map<std::string, uint64_t> keys;
    const auto table = std::ranges::find(inspection.tables, "index_kinds", &Table::name);
    for (const auto& row : table->rows) {
      keys[std::get<std::string>(row[0])] = std::get<uint64_t>(row[1]);
    }
    return keys;
  }

  test::EntryGenerator generator_{1};
};

TEST_F(InspectTest, SumsUpAStoreWhileItIsOpen) {
  Put({{"app", "x"}}, generator_.Entries(500));
  Put({{"app", "y"}}, generator_.Entries(300));
  const Inspection inspection = Run({"summary"});
  ASSERT_EQ(inspection.tables.size(), 1u);
  EXPECT_TRUE(inspection.findings.empty());
  const std::string json = inspection.ToJson();
  EXPECT_THAT(json, HasSubstr(R"({"what":"packs","value":2})"));
  EXPECT_THAT(json, HasSubstr(R"({"what":"entries","value":800})"));
}

TEST_F(InspectTest, ShowsATableForEachThingAskedFor) {
  Put({{"app", "x"}}, generator_.Entries(500));
  std::vector<std::string> names;
  const Inspection inspection =
      Run({"packs", "chunks", "blocks", "columns", "filters", "index", "wal"});
  for (const Table& table : inspection.tables) {
    names.push_back(table.name);
    for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.columns.size()) << table.name;
  }
  EXPECT_THAT(
      names, testing::ElementsAre("packs", "chunks", "blocks", "filters", "filters_kept", "columns",
                                  "index_kinds", "index_days", "index_disk", "wal"));
  EXPECT_THAT(inspection.ToText(), HasSubstr("{app=\"x\"}"));
}

TEST_F(InspectTest, ShowsTheFiguresOfWhatIsStored) {
  const std::vector<test::TestEntry> entries = generator_.Entries(4'000);
  uint64_t line_bytes = 0;
  for (const test::TestEntry& entry : entries) line_bytes += entry.line.size();
  const auto chunks = Chunks({{"app", "x"}, {"env", "prod"}}, entries,
                             {.codec = Codec::kZstd, .filter_percent = 5});
  ASSERT_EQ(chunks.size(), 1u);
  uint64_t filters_bytes = 0;
  uint64_t data_bytes = 0;
  for (const auto& block : chunks[0].chunk.blocks) {
    filters_bytes += block->filters.size();
    data_bytes += block->data.size();
  }
  ASSERT_THAT(store_->Put(chunks), IsOk());
  const uint64_t pack_bytes = objects_->List("packs/")->at(0).bytes;
  const auto filter = chunkstore::ReadStoredFilter(objects_->List("packs/")->at(0).key, *objects_);
  ASSERT_THAT(filter, IsOk());
  ASSERT_TRUE(filter->has_value());

  const Inspection inspection = Run({"summary", "packs", "chunks", "filters", "index"});
  EXPECT_EQ(Number(inspection, "packs", "bytes"), pack_bytes);
  EXPECT_EQ(Number(inspection, "packs", "line_bytes"), line_bytes);
  EXPECT_DOUBLE_EQ(Share(inspection, "packs", "ratio"), Of(pack_bytes, line_bytes));
  EXPECT_EQ(Number(inspection, "chunks", "bytes"), chunks[0].chunk.bytes);
  EXPECT_DOUBLE_EQ(Share(inspection, "chunks", "ratio"), Of(chunks[0].chunk.bytes, line_bytes));
  EXPECT_EQ(Number(inspection, "filters", "bytes"), filters_bytes);
  EXPECT_DOUBLE_EQ(Share(inspection, "filters", "share_of_data"), Of(filters_bytes, data_bytes));
  EXPECT_EQ(Number(inspection, "filters", "pack_filter_bytes"), (*filter)->bytes);
  EXPECT_EQ(Number(inspection, "filters", "pack_ids"), (*filter)->filter.id_keys());
  EXPECT_GT((*filter)->filter.id_keys(), 5'500u) << "one of each line, and of every second entry";
  EXPECT_EQ(Number(inspection, "index_days", "series"), 1u);
  EXPECT_EQ(Number(inspection, "index_days", "entries"), entries.size());
  EXPECT_EQ(Number(inspection, "index_days", "line_bytes"), line_bytes);
  // One day of one stream with two labels, in one chunk of one pack.
  const std::map<std::string, uint64_t> keys = {
      {"days", 1},   {"facts", 2},         {"fingerprints", 1},     {"names", 2},
      {"packs", 1},  {"packs of days", 1}, {"postings", 2},         {"presence", 3},
      {"values", 2}, {"watermarks", 1},    {"series and chunks", 2}};
  EXPECT_EQ(KeysByKind(inspection), keys);
  EXPECT_THAT(inspection.ToJson(),
              HasSubstr(R"({"what":"filters_bytes","value":)" + std::to_string(filters_bytes)));
}

TEST_F(InspectTest, ShowsTheShareOfGramsThatFiltersKeep) {
  const auto entries = generator_.Entries(4'000);
  const auto chunks = Chunks({{"app", "x"}}, entries, {.codec = Codec::kZstd, .filter_percent = 3});
  uint64_t words = 0;
  uint64_t others = 0;
  const auto& blocks = chunks.at(0).chunk.blocks;
  for (const auto& block : blocks) {
    const auto filters = chunkstore::FindFilters(block->header, block->filters);
    ASSERT_THAT(filters, IsOk());
    words += filters->lines.word_limit();
    others += filters->lines.other_limit();
  }
  const uint64_t all = blocks.size() * chunkstore::LineFilter::kNoLimit;
  ASSERT_LT(others, words);
  ASSERT_THAT(store_->Put(chunks), IsOk());

  const Inspection inspection = Run({"filters"});
  EXPECT_EQ(Number(inspection, "filters_kept", "filters"), blocks.size());
  for (const std::string table : {"filters", "filters_kept"}) {
    EXPECT_DOUBLE_EQ(Share(inspection, table, "words_kept"), Of(words, all));
    EXPECT_DOUBLE_EQ(Share(inspection, table, "others_kept"), Of(others, all));
  }
  EXPECT_THAT(inspection.ToJson(), HasSubstr(R"("filters_kept":[{"form":"fresh","filters":)"));
}

TEST_F(InspectTest, SaysThatFiltersWithRoomForAllGramsKeepThem) {
  Put({{"app", "x"}}, generator_.Entries(4'000), {.codec = Codec::kZstd, .filter_percent = 50});
  EXPECT_EQ(Share(Run({"filters"}), "filters", "others_kept"), 1.0);
}

TEST_F(InspectTest, ShowsNoShareOfGramsWhereThereAreNoFilters) {
  Put({{"app", "x"}}, generator_.Entries(100), {.codec = Codec::kZstd, .filter_percent = 0});
  const Inspection inspection = Run({"filters"});
  ASSERT_EQ(Number(inspection, "filters", "bytes"), 0u);
  for (const std::string table : {"filters", "filters_kept"}) {
    EXPECT_TRUE(std::holds_alternative<std::monostate>(CellOf(inspection, table, "words_kept")));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(CellOf(inspection, table, "others_kept")));
  }
  EXPECT_THAT(inspection.ToJson(), HasSubstr(R"("words_kept":null,"others_kept":null)"));
  EXPECT_THAT(inspection.ToText(), HasSubstr("           -            -"));
}

TEST_F(InspectTest, NamesADamagedChunkAndShowsTheOthers) {
  Put({{"app", "x"}}, generator_.Entries(100));
  Put({{"app", "y"}}, generator_.Entries(100));
  files_.FlipByte(PackPath(), 8 + 30, 1);
  const Inspection inspection = Run({"chunks"});
  ASSERT_EQ(inspection.findings.size(), 1u);
  EXPECT_THAT(
      inspection.findings[0].ToLine(),
      "fault: " + PackPath() + ": offset 8: chunk 0: {app=\"x\"}: block table: crc mismatch");
  EXPECT_EQ(inspection.tables[0].rows.size(), 1u);
}

TEST_F(InspectTest, ShowsWhatTheIndexTakesOnDisk) {
  Put({{"app", "x"}}, generator_.Entries(100));
  const Inspection inspection = Run({"index", "summary"});
  const uint64_t bytes = Number(inspection, "index_disk", "key_and_value_bytes");
  const uint64_t on_disk = Number(inspection, "index_disk", "disk_bytes");
  EXPECT_GT(bytes, 0u);
  EXPECT_EQ(on_disk, *AllocatedBytes(IndexFolder()));
  EXPECT_EQ(Share(inspection, "index_disk", "ratio"), Of(on_disk, bytes));
  EXPECT_THAT(inspection.ToJson(),
              HasSubstr(R"({"what":"index_disk_bytes","value":)" + std::to_string(on_disk) + "}"));
}

TEST_F(InspectTest, DoesNotMissPartsThatAreNotThere) {
  Put({{"app", "x"}}, generator_.Entries(100));
  auto inspection = Inspect(files_, {.chunks = "/chunks", .index = "/none", .wal = "/none"},
                            {"summary", "index"});
  ASSERT_THAT(inspection, IsOk());
  EXPECT_THAT(inspection->ToText(), HasSubstr("packs"));
}

TEST_F(InspectTest, RefusesFoldersWithoutAnything) {
  const DataFolders folders{.chunks = "/etc/chunks", .index = "/etc/index", .wal = "/etc/wal"};
  for (const char* what : {"summary", "packs", "index", "wal"}) {
    EXPECT_THAT(Inspect(files_, folders, {what}),
                test::HasMessage("there is no data of skald: no packs in /etc/chunks/packs/, no "
                                 "index in /etc/index, and no log in /etc/wal"));
  }
}

}  // namespace
}  // namespace skald::maintenance
