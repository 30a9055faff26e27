#include "logql/stages/json_stage.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "logql/rows.h"

namespace skald::logql {
namespace {

// What the stage finds in the last of these lines, having read the others before.
std::string Extracted(const std::vector<std::string>& lines,
                      const std::vector<std::string>& names) {
  std::vector<test::TestRow> rows;
  for (const std::string& line : lines) rows.push_back({line, {}});
  const model::LogBatch batch = test::BatchOf({{"a", "b"}}, rows);
  RowSlice slice;
  slice.BeginBatch(*batch.stream, *batch.block);
  slice.BeginSlice(batch.selection);
  LabelColumns& labels = slice.labels();
  JsonStage stage({.all = false, .names = names}, labels);
  stage.Run(slice);
  std::string found;
  for (const std::string& name : names) {
    found += name + "=" + std::string(labels.Get(labels.Intern(name), lines.size() - 1)) + " ";
  }
  for (const std::string_view name : {kErrorLabel, kErrorDetailsLabel}) {
    found += std::string(labels.Get(labels.Intern(name), lines.size() - 1)) + " ";
  }
  return found;
}

// One that knows the order of keys passes over members, which must not show.
TEST(JsonStageTest, WhatWasReadBeforeChangesNothing) {
  const std::string known =
      R"({"ts":"11:12","n":-12.5,"o":{"s":1,"t":"u"},"id":"0a1b2c3d4e5f60718293a4b5c6d7e8f9",)"
      R"("size":1048576,"w":"x","ok":true,"m":7,"z":"end"})";
  const std::vector<std::vector<std::string>> wanted = {
      {"w"}, {"m", "w"}, {"o_t"}, {"ok", "z"}, {"absent"}};
  for (const std::vector<std::string>& names : wanted) {
    const auto expect_alike = [&](const std::string& line) {
      ASSERT_EQ(Extracted({known, line}, names), Extracted({line}, names)) << line;
    };
    expect_alike(known);
    for (size_t i = 0; i < known.size(); ++i) {
      expect_alike(known.substr(0, i));
      for (const char c : std::string("\",:{}[]\\ 0n\t")) {
        std::string damaged = known;
        damaged[i] = c;
        expect_alike(damaged);
        damaged = known;
        damaged.insert(i, 1, c);
        expect_alike(damaged);
      }
    }
  }
  EXPECT_EQ(Extracted({known, known}, {"m", "o_t", "w"}), "m=7 o_t=u w=x   ");
}

}  // namespace
}  // namespace skald::logql
