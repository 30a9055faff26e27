#include "ruler/rule_names.h"

#include <gtest/gtest.h>

namespace skald::ruler {
namespace {

TEST(RuleNamesTest, AnyTextHasOneSpelling) {
  struct Row {
    std::string name;
    const char* spelled;
  };
  const Row rows[] = {
      {"", ""},      {"n", "bg=="}, {"ns", "bnM="}, {"a/b", "YS9i"}, {"\xfb\xff\xfe", "-__-"},
      {"..", "Li4="}};
  for (const Row& row : rows) {
    EXPECT_EQ(SpellName(row.name), row.spelled);
    std::string name = "before";
    EXPECT_TRUE(UnspellName(row.spelled, name)) << row.spelled;
    EXPECT_EQ(name, row.name);
  }
}

TEST(RuleNamesTest, OtherTextsAreNoSpelling) {
  for (const char* text : {"bg", "bg=", "bh==", "bg==bg==", "+//+", "b.==", "YS9i.yaml", "===="}) {
    std::string name = "before";
    EXPECT_FALSE(UnspellName(text, name)) << text;
    EXPECT_EQ(name, "");
  }
}

TEST(RuleNamesTest, RefusesWhatIsTooLongForAFileOrNoText) {
  EXPECT_TRUE(CheckNames(std::string(180, 'x'), std::string(180, 'x')).ok());
  EXPECT_EQ(CheckNames("n", std::string(181, 'x')).message(),
            "the group's name has 181 bytes, at most 180 are possible");
  EXPECT_EQ(CheckNames("\xff", "g").message(), "the namespace's name is not UTF-8");
}

}  // namespace
}  // namespace skald::ruler
