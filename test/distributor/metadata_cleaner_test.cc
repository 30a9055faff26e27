#include "distributor/metadata_cleaner.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/matchers.h"

namespace skald::distributor {
namespace {

using model::MetadataPair;
using test::HasCode;
using test::HasMessage;
using test::IsOk;

class MetadataCleanerTest : public testing::Test {
 protected:
  // `pairs` cleaned, as "name=value ...".
  std::string Clean(const std::vector<MetadataPair>& pairs) {
    std::vector<MetadataPair> out;
    EXPECT_THAT(cleaner_.Append(pairs, out), IsOk());
    std::string text;
    for (const MetadataPair& pair : out) {
      if (!text.empty()) text += ' ';
      text += std::string(pair.name) + "=" + std::string(pair.value);
    }
    return text;
  }

  model::PushBatch batch_;
  wire::BatchArena arena_{batch_};
  MetadataCleaner cleaner_{arena_};
};

TEST_F(MetadataCleanerTest, SortsByName) {
  EXPECT_EQ(Clean({{"z", "1"}, {"m", "2"}, {"a", "3"}}), "a=3 m=2 z=1");
  EXPECT_EQ(cleaner_.sanitized(), 0u);
}

TEST_F(MetadataCleanerTest, SortsManyPairs) {
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("n" + std::to_string(100 + (i * 37) % 100));
  std::vector<MetadataPair> pairs;
  for (const std::string& name : names) pairs.push_back({name, "v"});
  std::vector<MetadataPair> out;
  ASSERT_THAT(cleaner_.Append(pairs, out), IsOk());
  ASSERT_EQ(out.size(), 100u);
  for (size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i].name, "n" + std::to_string(100 + i));
}

TEST_F(MetadataCleanerTest, NormalizesNames) {
  struct Row {
    std::string name;
    std::string cleaned;
  };
  const std::vector<Row> rows = {
      {"trace_id", "trace_id"},
      {"_private", "_private"},
      {"trace.id", "trace_id"},
      {"a..b--c__d", "a_b_c_d"},
      {"a-", "a_"},
      {"-a", "_a"},
      {"http status", "http_status"},
      {"1st", "key_1st"},
      {"\u00fcn\u00ef", "_n_"},
      {"bad\xff", "bad_"},
      {"__reserved__", "__reserved__"},
      {"__a_b__", "__a_b__"},
      {"__a-b__", "__a_b__"},
      {"__half", "_half"},
  };
  for (const Row& row : rows) EXPECT_EQ(Clean({{row.name, "v"}}), row.cleaned + "=v") << row.name;
}

TEST_F(MetadataCleanerTest, RemembersNamesItHasChanged) {
  EXPECT_EQ(Clean({{"trace.id", "1"}}), "trace_id=1");
  EXPECT_EQ(Clean({{"trace.id", "2"}}), "trace_id=2");
  EXPECT_EQ(cleaner_.sanitized(), 2u);
}

TEST_F(MetadataCleanerTest, TellsWhichPairsGaveWayToOthersOfTheirName) {
  EXPECT_EQ(Clean({{"k", "1"}, {"a", "x"}, {"k", "2"}}), "a=x k=2");
  ASSERT_EQ(cleaner_.replaced().size(), 1u);
  EXPECT_EQ(cleaner_.replaced()[0], (MetadataPair{"k", "1"}));
  EXPECT_EQ(Clean({{"k", "3"}}), "k=3");
  EXPECT_TRUE(cleaner_.replaced().empty());
}

TEST_F(MetadataCleanerTest, RefusesNamesWithoutALetter) {
  std::vector<MetadataPair> out = {{"kept", "v"}};
  for (const std::string name : {"", "_", "___", "...", "\xff", "____"}) {
    const Status status = cleaner_.Append(std::vector<MetadataPair>{{"a", "b"}, {name, "x"}}, out);
    EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument)) << name;
    EXPECT_EQ(out.size(), 1u) << name;
  }
  EXPECT_THAT(cleaner_.Append(std::vector<MetadataPair>{{"___", "x"}}, out),
              HasMessage("normalization for label name \"___\" resulted in invalid name \"_\""));
}

TEST_F(MetadataCleanerTest, KeepsOneOfEqualNames) {
  EXPECT_EQ(Clean({{"k", "1"}, {"k", "2"}}), "k=2");
  EXPECT_EQ(Clean({{"a.b", "dot"}, {"a_b", "underscore"}}), "a_b=dot");
  EXPECT_EQ(Clean({{"a_b", "underscore"}, {"a.b", "dot"}}), "a_b=dot");
  EXPECT_EQ(Clean({{"a-b", "dash"}, {"a.b", "dot"}}), "a_b=dot");
}

TEST_F(MetadataCleanerTest, DropsEmptyValues) {
  EXPECT_EQ(Clean({{"a", ""}, {"b", "x"}, {"", ""}}), "b=x");
}

TEST_F(MetadataCleanerTest, BlanksWhatIsNoUtf8) {
  EXPECT_EQ(Clean({{"k", "v\xff"}}), "k=v ");
  EXPECT_EQ(Clean({{"k", "\xe6\x97x\xef\xbf\xbd"}}), "k=  x ");
  EXPECT_EQ(Clean({{"k", "\u65e5\u672c \U0001f600\n"}}), "k=\u65e5\u672c \U0001f600\n");
  EXPECT_EQ(cleaner_.sanitized(), 2u);
}

}  // namespace
}  // namespace skald::distributor
