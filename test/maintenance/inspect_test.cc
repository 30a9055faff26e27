#include "maintenance/inspect.h"

#include <gmock/gmock.h>

#include "chunkstore/store_fixture.h"

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
  EXPECT_THAT(names, testing::ElementsAre("packs", "chunks", "blocks", "filters", "columns",
                                          "index_kinds", "index_days", "wal"));
  EXPECT_THAT(inspection.ToText(), HasSubstr("{app=\"x\"}"));
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

TEST_F(InspectTest, DoesNotMissWhatIsNotThere) {
  store_.reset();
  auto inspection =
      Inspect(files_, {.chunks = "/none", .index = "/none", .wal = "/none"}, {"summary", "index"});
  ASSERT_THAT(inspection, IsOk());
  EXPECT_THAT(inspection->ToText(), HasSubstr("packs"));
}

}  // namespace
}  // namespace skald::maintenance
