#include "maintenance/table.h"

#include <gtest/gtest.h>

#include "maintenance/finding.h"

namespace skald::maintenance {
namespace {

const Table kTable{.name = "packs",
                   .columns = {"pack", "bytes", "ratio"},
                   .rows = {{"a", uint64_t{5}, 0.5}, {"long", uint64_t{12345}, 1.0}}};

TEST(TableTest, AlignsTextToTheLeftAndNumbersToTheRight) {
  std::string text;
  kTable.AppendText(text);
  EXPECT_EQ(text,
            "packs\n"
            "  pack  bytes  ratio\n"
            "  a         5  0.500\n"
            "  long  12345  1.000\n");
}

TEST(TableTest, IsAnArrayOfObjectsInJson) {
  std::string out;
  JsonWriter json(out);
  kTable.AppendJson(json);
  EXPECT_EQ(out, R"([{"pack":"a","bytes":5,"ratio":0.5},{"pack":"long","bytes":12345,"ratio":1}])");
}

TEST(TableTest, PrintsTimesInUtc) {
  EXPECT_EQ(TimeText(1'700'000'000'000'000'000), "2023-11-14T22:13:20Z");
}

TEST(TableTest, HasNoRatioToNothing) { EXPECT_EQ(Ratio(5, 0), 0); }

TEST(FindingTest, NamesFileOffsetChunkAndStreamInOneLine) {
  const Finding finding{.file = "chunks/packs/a",
                        .offset = 8,
                        .chunk = 2,
                        .stream = "{app=\"x\"}",
                        .what = "block 3: crc mismatch"};
  EXPECT_EQ(finding.ToLine(),
            "fault: chunks/packs/a: offset 8: chunk 2: {app=\"x\"}: block 3: crc mismatch");
}

TEST(FindingTest, LeavesOutOfJsonWhatIsNotKnown) {
  std::string out;
  JsonWriter json(out);
  Finding{.severity = Finding::Severity::kNote, .file = "index", .what = "missing"}.AppendJson(
      json);
  EXPECT_EQ(out, R"({"severity":"note","file":"index","what":"missing"})");
}

}  // namespace
}  // namespace skald::maintenance
