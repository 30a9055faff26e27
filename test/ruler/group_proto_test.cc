#include "ruler/group_proto.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::ruler {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using test::HasCode;
using test::IsOk;

RuleGroup Group() {
  return {.name = "g",
          .interval = milliseconds(90'500),
          .limit = 7,
          .rules = {{.alert = "A",
                     .expr = R"(rate({app="ü"}[1m]) > 0)",
                     .for_duration = minutes(5),
                     .keep_firing_for = minutes(2),
                     .labels = {{"severity", "page"}, {"empty", ""}},
                     .annotations = {{"summary", "{{ $value }}\nlines"}}},
                    {.record = "app:r", .expr = "vector(1)", .labels = {{"team", "a"}}}}};
}

TEST(GroupProtoTest, ReadsBackWhatWasWritten) {
  for (const RuleGroup& group : {Group(), RuleGroup{.name = "g"}}) {
    const auto read = DecodeGroup(EncodeGroup("t", "n", group));
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(*read, group);
  }
}

TEST(GroupProtoTest, WritesTheMessageThatIsDrawn) {
  const RuleGroup group{
      .name = "g", .interval = minutes(1), .rules = {{.record = "r", .expr = "1"}}};
  EXPECT_EQ(EncodeGroup("t", "n", group),
            "\x0a\x01g\x12\x01n\x1a\x02\x08\x3c\x22\x06\x0a\x01"
            "1\x12\x01r\x32\x01t");
}

TEST(GroupProtoTest, PassesOverFieldsOfOthers) {
  // A duration of no length, as Go's encoder writes it; options; an offset; labels of the group.
  const std::string others("\x1a\x00\x4a\x02\x0a\x00\x5a\x02\x08\x05", 10);
  const auto read = DecodeGroup(others + EncodeGroup("t", "n", {.name = "g"}));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(*read, RuleGroup{.name = "g"});
}

TEST(GroupProtoTest, RefusesWhatIsNoGroup) {
  struct Row {
    const char* what;
    std::string bytes;
  };
  const std::string minus_one = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
  const Row rows[] = {
      {"nothing", ""},
      {"no name", EncodeGroup("t", "n", {})},
      {"an alert that records",
       EncodeGroup("t", "n", {.name = "g", .rules = {{.record = "r", .alert = "A"}}})},
      {"a rule that does neither", EncodeGroup("t", "n", {.name = "g", .rules = {{.expr = "1"}}})},
      {"a name that is not UTF-8", EncodeGroup("t", "n", {.name = "\xff"})},
      {"a negative interval", "\x0a\x01g\x1a\x0b\x08" + minus_one},
      {"an interval without end", "\x0a\x01g\x1a\x06\x08\xff\xff\xff\xff\x7f"},
      {"a second of too many nanoseconds", "\x0a\x01g\x1a\x06\x10\x80\x94\xeb\xdc\x03"},
      {"text", "name: g\nrules: []\n"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(DecodeGroup(row.bytes), HasCode(StatusCode::kDataLoss)) << row.what;
  }
}

TEST(GroupProtoTest, CutAnywhereItIsDamagedOrWhole) {
  const std::string bytes = EncodeGroup("", "", Group());
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto read = DecodeGroup(std::string_view(bytes).substr(0, length));
    // Where a field ends, what is left is a message too.
    EXPECT_TRUE(!read.ok() || read->rules.size() <= Group().rules.size()) << length;
    EXPECT_EQ(read.status().code(), read.ok() ? StatusCode::kOk : StatusCode::kDataLoss) << length;
  }
}

TEST(GroupProtoTest, ADamagedByteIsSeenOrMakesAnotherGroup) {
  const std::string bytes = EncodeGroup("t", "n", Group());
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x80);
    const auto read = DecodeGroup(damaged);
    EXPECT_EQ(read.status().code(), read.ok() ? StatusCode::kOk : StatusCode::kDataLoss) << at;
  }
}

}  // namespace
}  // namespace skald::ruler
