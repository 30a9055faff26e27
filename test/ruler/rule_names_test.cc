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

TEST(RuleNamesTest, LongSpellingsAreCutIntoNamesThatFilesMayHave) {
  for (const size_t bytes : {0u, 1u, 180u, 181u, 239u, 240u, 241u, 360u, 480u, 481u, 1024u}) {
    const std::string spelled = SpellName(std::string(bytes, 'x'));
    const std::string path = InPieces(spelled);
    EXPECT_EQ(path == spelled, bytes <= 180) << bytes;
    size_t pieces = 1;
    for (size_t begin = 0, slash = 0; (slash = path.find('/', begin)) != std::string::npos;) {
      EXPECT_EQ(slash - begin, 241u);
      begin = slash + 1;
      ++pieces;
    }
    EXPECT_LE(pieces, kMaxPieces);
    EXPECT_LE(path.size() - (pieces - 1) * 242, 240u);
    std::string_view rest = path;
    EXPECT_EQ(TakePieces(rest), spelled) << bytes;
    EXPECT_EQ(rest, "");
    const std::string two = path + "/Zw==";
    rest = two;
    EXPECT_EQ(TakePieces(rest), spelled) << bytes;
    EXPECT_EQ(rest, "Zw==");
  }
}

TEST(RuleNamesTest, OtherPathsAreNoSpellingInPieces) {
  const std::string whole(240, 'a');
  for (const std::string& path :
       {whole + "a", whole + ".", whole + "./", whole + "a./b", whole + ".//b"}) {
    std::string_view rest = path;
    EXPECT_EQ(TakePieces(rest), std::nullopt) << path;
  }
}

TEST(RuleNamesTest, RefusesWhatIsTooLongOrNoText) {
  EXPECT_TRUE(CheckNames(std::string(1024, 'x'), std::string(1024, 'x')).ok());
  EXPECT_EQ(CheckNames("n", std::string(1025, 'x')).message(),
            "the group's name has 1025 bytes, at most 1024 are possible");
  EXPECT_EQ(CheckNames("\xff", "g").message(), "the namespace's name is not UTF-8");
}

}  // namespace
}  // namespace skald::ruler
