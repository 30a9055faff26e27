#include "common/json_writer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/text_list.h"
#include "support/expiring_clock.h"
#include "support/matchers.h"

namespace skald {
namespace {

using test::IsOk;

TEST(JsonWriterTest, PutsCommasWhereTheyBelong) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Key("a");
  json.BeginArray();
  json.Int(-1);
  json.Uint(18446744073709551615u);
  json.BeginArray();
  json.EndArray();
  json.BeginObject();
  json.EndObject();
  json.EndArray();
  json.Key("b");
  json.Bool(true);
  json.Key("c");
  json.Null();
  json.Key("d");
  json.Raw("[1]");
  json.Key("e");
  json.String("x");
  json.EndObject();
  EXPECT_EQ(out, R"({"a":[-1,18446744073709551615,[],{}],"b":true,"c":null,"d":[1],"e":"x"})");
}

TEST(JsonWriterTest, EscapesAsGoDoes) {
  struct Row {
    std::string text;
    std::string json;
  };
  const std::vector<Row> rows = {
      {"", R"("")"},
      {"a\"b\\c/", R"("a\"b\\c/")"},
      {"\n\r\t\b\f\x01\x7f", "\"\\n\\r\\t\\u0008\\u000c\\u0001\x7f\""},
      {"<a&b>", R"("\u003ca\u0026b\u003e")"},
      {"\u2028\u2029\u202a", "\"\\u2028\\u2029\u202a\""},
      {"\u00e9\U0001f600", "\"\u00e9\U0001f600\""},
      {"a\xff\xe2\x82z", R"("a\ufffd\ufffd\ufffdz")"},
  };
  for (const Row& row : rows) {
    std::string out;
    AppendJsonString(out, row.text);
    EXPECT_EQ(out, row.json);
  }
}

TEST(JsonWriterTest, WritesManyStringsAsOneByOne) {
  const std::vector<std::string_view> specials = {"", "\"", "\n", "<", "\xff", "\u2028", "\u00e9"};
  TextList texts;
  std::string expected = "x[";
  for (size_t length = 0; length < 40; ++length) {
    for (size_t at = 0; at <= length; ++at) {
      for (const std::string_view special : specials) {
        std::string text(length, 'a');
        texts.Add(text.insert(at, special));
      }
    }
  }
  for (const size_t length : {4000, 4092, 4093, 4094, 4096, 100'000}) {
    texts.Add(std::string(length, 'b'));
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) expected.push_back(',');
    AppendJsonString(expected, texts[i]);
  }
  std::string out = "x";
  ASSERT_THAT(AppendJsonStrings(out, texts), IsOk());
  EXPECT_EQ(out, expected + "]");
  std::string none;
  ASSERT_THAT(AppendJsonStrings(none, TextList()), IsOk());
  EXPECT_EQ(none, "[]");
}

TEST(JsonWriterTest, WritesManyStringsAsOneByOneUntilNobodyWantsThem) {
  Executor workers("json", 2);
  TextList texts;
  std::string expected = "[";
  for (int i = 0; i < 250'000; ++i) {
    texts.Add(std::to_string(i) + (i % 10 == 0 ? "\"" : ""));
    if (i > 0) expected.push_back(',');
    AppendJsonString(expected, texts[texts.size() - 1]);
  }
  expected.push_back(']');
  for (Executor* const helpers : {static_cast<Executor*>(nullptr), &workers}) {
    std::string out;
    ASSERT_THAT(AppendJsonStrings(out, texts, CancelToken(), helpers), IsOk());
    EXPECT_TRUE(out == expected);
    const test::ExpiringClock clock(3);  // The first is to set the deadline.
    const CancelToken cancel = CancelToken::WithTimeout(clock, std::chrono::minutes(1));
    out.clear();
    EXPECT_THAT(AppendJsonStrings(out, texts, cancel, helpers),
                test::HasCode(StatusCode::kDeadlineExceeded));
    EXPECT_LT(out.size(), expected.size() / 2);
  }
}

// The vector and the byte-wise path must agree wherever a special byte lies.
TEST(JsonWriterTest, EscapesAtEveryPlace) {
  for (const std::string special : {"\"", "\\", "<", ">", "&", "\n", "\x1f", "\u00e9", "\xff"}) {
    std::string escaped;
    AppendJsonString(escaped, special);
    escaped = escaped.substr(1, escaped.size() - 2);
    for (size_t before = 0; before < 40; ++before) {
      for (const size_t after : {0, 5, 20}) {
        const std::string spaces(before, ' ');
        const std::string tildes(after, '~');
        std::string out;
        AppendJsonString(out, spaces + special + tildes);
        EXPECT_EQ(out, '"' + spaces + escaped + tildes + '"');
      }
    }
  }
}

TEST(JsonWriterTest, PrintsDoublesAsGoDoes) {
  struct Row {
    double value;
    std::string json;
    std::string sample;
  };
  const std::vector<Row> rows = {
      {0, "0", "0"},
      {-0.0, "-0", "-0"},
      {1, "1", "1"},
      {-2.5, "-2.5", "-2.5"},
      {1700000000.123, "1700000000.123", "1700000000.123"},
      {0.000001, "0.000001", "0.000001"},
      {0.00000012, "1.2e-7", "0.00000012"},
      {1e-10, "1e-10", "0.0000000001"},
      {1e20, "100000000000000000000", "100000000000000000000"},
      {1e21, "1e+21", "1000000000000000000000"},
      {1e23, "1e+23", "100000000000000000000000"},
      {123456789012345680, "123456789012345680", "123456789012345680"},
      {0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"},
  };
  for (const Row& row : rows) {
    std::string out;
    JsonWriter(out).Double(row.value);
    EXPECT_EQ(out, row.json);
    out.clear();
    AppendSampleValue(out, row.value);
    EXPECT_EQ(out, row.sample);
  }
}

TEST(JsonWriterTest, PrintsSamplesThatAreNoNumbers) {
  std::string out;
  AppendSampleValue(out, std::nan(""));
  AppendSampleValue(out, std::numeric_limits<double>::infinity());
  AppendSampleValue(out, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(out, "NaN+Inf-Inf");
}

TEST(JsonWriterTest, SampleValuesReadBackTheSame) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    std::string out;
    AppendSampleValue(out, value);
    ASSERT_EQ(std::strtod(out.c_str(), nullptr), value) << out;
    ASSERT_EQ(out.find('e'), std::string::npos) << out;
  }
}

}  // namespace
}  // namespace skald
