#include "distributor/field_names.h"

#include <gtest/gtest.h>

#include <string>

namespace skald::distributor {
namespace {

TEST(FieldNamesTest, FindsTheFirstPlaceOfAName) {
  const FieldNames names({"level", "LEVEL", "log.level", "level", ""});
  EXPECT_EQ(names.Find("level"), 0u);
  EXPECT_EQ(names.Find("LEVEL"), 1u);
  EXPECT_EQ(names.Find("log.level"), 2u);
  EXPECT_EQ(names.Find("Level"), std::nullopt);
  EXPECT_EQ(names.Find("leve"), std::nullopt);
  EXPECT_EQ(names.Find("lever"), std::nullopt);
  EXPECT_EQ(names.Find(""), std::nullopt);
}

TEST(FieldNamesTest, FindsNamesInAnyCase) {
  const FieldNames names({"level", "LEVEL", "Severity_Text"});
  EXPECT_EQ(names.FindIgnoringCase("lEvEl"), 0u);
  EXPECT_EQ(names.FindIgnoringCase("severity_TEXT"), 2u);
  EXPECT_EQ(names.FindIgnoringCase("severity-text"), std::nullopt);
}

TEST(FieldNamesTest, TakesVeryLongNames) {
  const std::string name(100, 'n');
  const FieldNames names({name});
  EXPECT_EQ(names.Find(name), 0u);
  EXPECT_EQ(names.Find(name + "n"), std::nullopt);
}

TEST(FieldNamesTest, AnEmptyListFindsNothing) {
  EXPECT_EQ(FieldNames({}).Find("level"), std::nullopt);
}

}  // namespace
}  // namespace skald::distributor
