#include "model/labels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/matchers.h"

namespace skald::model {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;

TEST(LabelsTest, SortsByNameAndKeepsTheLastOfEqualNames) {
  const Labels labels{{"b", "1"}, {"a", "2"}, {"b", "3"}};
  EXPECT_EQ(labels.ToString(), R"({a="2", b="3"})");
  EXPECT_EQ(labels.size(), 2u);
}

TEST(LabelsTest, FindsValuesByName) {
  const Labels labels{{"app", "api"}, {"empty", ""}};
  EXPECT_EQ(labels.Get("app"), "api");
  EXPECT_EQ(labels.Get("nope"), "");
  EXPECT_TRUE(labels.Has("empty"));
  EXPECT_FALSE(labels.Has("nope"));
  EXPECT_TRUE(Labels().empty());
  EXPECT_EQ(Labels().ToString(), "{}");
}

TEST(LabelsTest, LongValuesComeBack) {
  for (const size_t length : {0, 127, 128, 20'000}) {
    const std::string value(length, 'v');
    const Labels labels{{"name", value}, {"z", "after"}};
    EXPECT_EQ(labels.Get("name"), value);
    EXPECT_EQ(labels.Get("z"), "after");
  }
}

TEST(LabelsTest, EncodingComesBack) {
  const Labels labels{{"a", "1"}, {"b", std::string(300, 'x')}};
  const auto decoded = Labels::Decode(labels.encoded());
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(*decoded, labels);
  EXPECT_EQ(decoded->Hash(), labels.Hash());
}

TEST(LabelsTest, DamagedEncodingsAreRefused) {
  const std::string good(Labels{{"a", "1"}, {"b", "2"}}.encoded());
  for (size_t length = 1; length < good.size(); ++length) {
    if (length == good.size() / 2) continue;  // One whole label.
    EXPECT_THAT(Labels::Decode(good.substr(0, length)), HasCode(StatusCode::kDataLoss)) << length;
  }
  for (const std::string& bytes : {Labels{{"b", "1"}}.encoded().data() + good.substr(0, 4),
                                   std::string("\xff"), good.substr(0, 4) + good.substr(0, 4)}) {
    EXPECT_THAT(Labels::Decode(bytes), HasCode(StatusCode::kDataLoss));
  }
}

// Stored in WAL, packs and index: a change here is a change of format.
TEST(LabelsTest, HashNeverChanges) {
  EXPECT_EQ((Labels{{"app", "api"}, {"env", "prod"}}.Hash().value()), 0x4b2626034916d05fu);
}

TEST(LabelsTest, OrderGoesByNameThenValueLabelByLabel) {
  const std::vector<Labels> ascending = {
      Labels(),
      {{"a", "1"}},
      {{"a", "1"}, {"b", "1"}},
      {{"a", "1"}, {"b", "2"}},
      {{"a", "10"}},
      {{"a", "2"}},
      {{"aa", "0"}},
      {{"b", ""}},
  };
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(ascending[i] <=> ascending[j], i <=> j) << i << " " << j;
    }
  }
}

TEST(LabelsBuilderTest, LaterCallsWin) {
  LabelsBuilder builder(Labels{{"a", "1"}, {"b", "2"}});
  builder.Set("c", "3").Set("a", "4").Set("b", "").Set("d", "5").Del("d");
  EXPECT_EQ(builder.Build().ToString(), R"({a="4", c="3"})");
}

TEST(ParseLabelsTest, ReadsWhatClientsSend) {
  struct Row {
    std::string text;
    std::string printed;
  };
  const std::vector<Row> rows = {
      {R"({})", R"({})"},
      {R"({a="b"})", R"({a="b"})"},
      {R"( { b = "2" ,a="1", } )", R"({a="1", b="2"})"},
      {R"({a='x"y', b=`r\n`})", R"({a="x\"y", b="r\\n"})"},
      {R"({a="q\"\\\n\x41é"})", "{a=\"q\\\"\\\\\\nA\u00e9\"}"},
      {R"({a="", b="1"})", R"({b="1"})"},
      {R"({_a9="}{,="})", R"({_a9="}{,="})"},
      {"{a=\"1\",\n\tb=\"2\"}", R"({a="1", b="2"})"},
      {R"({"a"="1"})", R"({a="1"})"},
      {R"(up{a="1"})", R"({__name__="up", a="1"})"},
      {"up", R"({__name__="up"})"},
      {R"(job:up{a="1"})", R"({__name__="job:up", a="1"})"},
      {R"({"up"})", R"({__name__="up"})"},
      {R"({'a'="1", `b`='2', "\x63" = "3"})", R"({a="1", b="2", c="3"})"},
      {R"({"a b", t="1"})", R"({__name__="a b", t="1"})"},
      {R"({t="1", 'it\'s', })", R"({__name__="it's", t="1"})"},
      {R"({"", t="1"})", R"({t="1"})"},
      {R"({a="1", "up",})", R"({__name__="up", a="1"})"},
      {"# of a job\n{a # the first\n=\"#1\", # no more\n}#", R"({a="#1"})"},
  };
  for (const Row& row : rows) {
    const auto labels = ParseLabels(row.text);
    ASSERT_THAT(labels, IsOk()) << row.text;
    EXPECT_EQ(labels->ToString(), row.printed);
  }
}

TEST(ParseLabelsTest, SaysWhereTheTextIsWrong) {
  struct Row {
    std::string text;
    std::string message;
  };
  const std::vector<Row> rows = {
      {"", R"(1:1: parse error: unexpected end of input before the label set, expected "{")"},
      {"{",
       R"(1:2: parse error: unexpected end of input in label set, expected a label name or "}")"},
      {"{a # }", R"(1:7: parse error: unexpected end of input in label set, expected "=")"},
      {"{a}", R"(1:3: parse error: unexpected "}" in label set, expected "=")"},
      {"{a=b}", R"(1:4: parse error: unexpected "b" in label set, expected a quoted string)"},
      {R"({a="b)", "1:4: parse error: unterminated quoted string"},
      {R"({a="b\q"})", "1:4: parse error: invalid syntax"},
      {R"({a="b" c="d"})", R"(1:8: parse error: unexpected "c" in label set, expected "," or "}")"},
      {R"({a="b",,})",
       R"(1:8: parse error: unexpected "," in label set, expected a label name or "}")"},
      {R"({1a="b"})",
       R"(1:2: parse error: unexpected "1" in label set, expected a label name or "}")"},
      {"{a=\"b\"}\nx", R"(2:1: parse error: unexpected "x" after the label set)"},
      {R"(a="b"})", R"(1:2: parse error: unexpected "=" before the label set, expected "{")"},
      {R"({"a:b"="c"})", R"(1:2: parse error: invalid label name "a:b")"},
      {R"({a="b", '1'="c"})", R"(1:9: parse error: invalid label name "1")"},
      {R"({""="c"})", R"(1:2: parse error: invalid label name "")"},
      {R"({"a b" t="c"})", R"(1:2: parse error: invalid label name "a b")"},
      {R"({'a"="c"})", "1:2: parse error: unterminated quoted string"},
      {R"({"a\q"="c"})", "1:2: parse error: invalid syntax"},
      {"{a=\"\xff\"}", "1:1: parse error: invalid UTF-8"},
      {R"({a=~"b"})", R"(1:4: parse error: unexpected "~" in label set, expected a quoted string)"},
  };
  for (const Row& row : rows) {
    const auto labels = ParseLabels(row.text);
    EXPECT_THAT(labels, HasCode(StatusCode::kInvalidArgument)) << row.text;
    EXPECT_THAT(labels, HasMessage(row.message)) << row.text;
  }
}

TEST(ParseLabelsTest, NamesTheLabelGivenTwice) {
  const auto labels = ParseLabels(R"({b="1", a="1", b="2"})");
  EXPECT_THAT(labels, HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(labels, HasMessage("b"));
}

TEST(ParseLabelsTest, ReadsBackWhatToStringPrints) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 5000; ++i) {
    LabelsBuilder builder;
    for (size_t left = random() % 5; left > 0; --left) {
      std::string value;
      for (size_t n = 1 + random() % 6; n > 0; --n) value += static_cast<char>(random());
      builder.Set("l" + std::to_string(random() % 9), value);
    }
    const Labels labels = builder.Build();
    const auto parsed = ParseLabels(labels.ToString());
    ASSERT_THAT(parsed, IsOk()) << labels.ToString();
    ASSERT_EQ(*parsed, labels);
  }
}

}  // namespace
}  // namespace skald::model
