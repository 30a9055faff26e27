#include "model/metadata_name.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/matchers.h"

namespace skald::model {
namespace {

using test::HasMessage;
using test::IsOk;

TEST(MetadataNameTest, BecomesLettersDigitsAndSingleUnderscores) {
  struct Row {
    std::string_view name;
    std::string_view becomes;
  };
  const std::vector<Row> rows = {
      {"trace_id", "trace_id"},
      {"trace.id", "trace_id"},
      {"a--b", "a_b"},
      {"___a", "_a"},
      {"a_", "a_"},
      {"1st", "key_1st"},
      {"__both__", "__both__"},
      {"__a.b__", "__a_b__"},
      {"x\xf0\x9f\x98\x80y", "x_y"},
  };
  for (const Row& row : rows) {
    std::string out = "in front ";
    EXPECT_THAT(AppendMetadataName(row.name, out), IsOk());
    EXPECT_EQ(out, "in front " + std::string(row.becomes));
    EXPECT_EQ(IsMetadataName(row.name), row.name == row.becomes) << row.name;
  }
}

TEST(MetadataNameTest, NeedsALetterOrDigit) {
  for (const std::string_view name : {"", "_", "__", "____", "\xc3\xa9"}) {
    std::string out;
    EXPECT_FALSE(AppendMetadataName(name, out).ok()) << name;
    EXPECT_FALSE(IsMetadataName(name)) << name;
  }
  std::string out;
  EXPECT_THAT(AppendMetadataName("--", out),
              HasMessage("normalization for label name \"--\" resulted in invalid name \"_\""));
}

}  // namespace
}  // namespace skald::model
