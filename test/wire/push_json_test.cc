#include "wire/push_json.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/matchers.h"
#include "support/push_text.h"

namespace skald::wire {
namespace {

using test::HasCode;
using test::IsOk;
using test::PrintBatch;

struct Row {
  std::string json;
  std::string printed;
};

// A push with one stream {t="x"} and these values.
std::string WithValues(const std::string& values) {
  return R"({"streams":[{"stream":{"t":"x"},"values":)" + values + "}]}";
}

TEST(PushJsonTest, ReadsWhatClientsSend) {
  const std::vector<Row> rows = {
      {R"({"streams":[{"stream":{"b":"2","a":"1"},"values":[["10","one"],["20","two"]]}]})",
       "{a=\"1\", b=\"2\"}\n  10 one\n  20 two\n"},
      {WithValues(R"([["10","x",{"k":"v","z":"y"}]])"), "{t=\"x\"}\n  10 x k=v z=y\n"},
      {WithValues(R"([["10","x",{"k":"v"},"more",5]])"), "{t=\"x\"}\n  10 x k=v\n"},
      {WithValues(R"([["10","x",{}],["-5",""]])"), "{t=\"x\"}\n  10 x\n  -5 \n"},
      {WithValues(R"([["10"]])"), "{t=\"x\"}\n  10 \n"},
      {WithValues("null"), "{t=\"x\"}\n"},
      {WithValues("[null]"), "{t=\"x\"}\n"},
      {WithValues("[]"), "{t=\"x\"}\n"},
      {R"({})", ""},
      {R"(null)", ""},
      {R"({"streams":null})", ""},
      {R"({"streams":[]})", ""},
      {R"({"Streams":[{}]})", "\n"},
      {R"({"u":1,"streams":[{"m":{"x":[1]},"values":[["1","v"]],"stream":{"t":"x"}}],"o":{}})",
       "{t=\"x\"}\n  1 v\n"},
      {"  \n\t{ \"streams\" : [ { \"stream\" : { \"t\" : \"x\" } , \"values\" : [ [ \"1\" , "
       "\"v\" ] ] } ] } \n ",
       "{t=\"x\"}\n  1 v\n"},
  };
  for (const Row& row : rows) {
    const auto batch = DecodePushJson(row.json);
    ASSERT_THAT(batch, IsOk()) << row.json;
    EXPECT_EQ(PrintBatch(*batch), row.printed) << row.json;
  }
}

TEST(PushJsonTest, DecodesEscapesInKeysValuesAndLines) {
  const auto batch = DecodePushJson(
      R"({"\u0073treams":[{"\u0073tream":{"e\u0061sy":"\u00fc \ud83d\ude00 \/ \"q\""},)"
      R"("values":[["10","\u0041\t\\ \"q\"",{"k\u0065y":"v\u0061l"}]]}]})");
  ASSERT_THAT(batch, IsOk());
  EXPECT_EQ(PrintBatch(*batch),
            "{easy=\"\u00fc \U0001f600 / \\\"q\\\"\"}\n  10 A\t\\ \"q\" key=val\n");
}

TEST(PushJsonTest, TakesLabelValuesThatAreNoStringsAsTheirText) {
  const auto batch = DecodePushJson(
      R"({"streams":[{"stream":{"n":5,"f":1.5 ,"y":true,"z":null,"o":{"a": "b"},"l":[1, 2]}}]})");
  ASSERT_THAT(batch, IsOk());
  EXPECT_EQ(PrintBatch(*batch),
            R"({f="1.5", l="[1, 2]", n="5", o="{\"a\": \"b\"}", y="true", z="null"})"
            "\n");
}

TEST(PushJsonTest, LetsTheLastOfEqualLabelsWin) {
  const auto batch = DecodePushJson(R"({"streams":[{"stream":{"k":"1","a":"x","k":"2"}}]})");
  ASSERT_THAT(batch, IsOk());
  EXPECT_EQ(PrintBatch(*batch), "{a=\"x\", k=\"2\"}\n");
}

TEST(PushJsonTest, MendsBadUtf8ControlCharactersAndTrailingText) {
  const std::vector<Row> rows = {
      {WithValues("[[\"1\",\"bad \xff byte\"]]"), "{t=\"x\"}\n  1 bad \ufffd byte\n"},
      {WithValues("[[\"1\",\"raw\ttab\"]]"), "{t=\"x\"}\n  1 raw\ttab\n"},
      {WithValues(R"([["1","v"]])") + " trailing", "{t=\"x\"}\n  1 v\n"},
      {WithValues(R"([["1","v"]])") + " \"open", "{t=\"x\"}\n  1 v\n"},
      {WithValues(R"([["1","v"]])") + WithValues(R"([["2","w"]])"), "{t=\"x\"}\n  1 v\n"},
  };
  for (const Row& row : rows) {
    const auto batch = DecodePushJson(row.json);
    ASSERT_THAT(batch, IsOk()) << row.json;
    EXPECT_EQ(PrintBatch(*batch), row.printed) << row.json;
  }
}

TEST(PushJsonTest, RefusesWhatIsNoPush) {
  const std::vector<std::string> rows = {
      "",
      " ",
      std::string(1, '\0'),
      "[]",
      "5",
      "\"x\"",
      "plain text",
      "{",
      "{streams:[]}",
      R"({"streams":[],})",
      R"({"streams":"x"})",
      R"({"streams":{}})",
      R"({"streams":[null]})",
      R"({"streams":["x"]})",
      R"({"streams":[{"stream":null}]})",
      R"({"streams":[{"stream":"x"}]})",
      R"({"streams":[{"stream":{"a":"b"},"values":[["1","cut)",
      R"({"streams":[{"stream":{"a":"b"},"values":[["1","x"]]})",
      "\ufeff{\"streams\":[]}",
      WithValues("{}"),
      WithValues("\"text\""),
      WithValues("[\"text\"]"),
      WithValues("[[]]"),
      WithValues(R"([{"ts":"1","line":"x"}])"),
      WithValues("[[1,\"x\"]]"),
      WithValues("[[null,\"x\"]]"),
      WithValues("[[\"1.5\",\"x\"]]"),
      WithValues("[[\"+1\",\"x\"]]"),
      WithValues("[[\"1 \",\"x\"]]"),
      WithValues("[[\"\",\"x\"]]"),
      WithValues("[[\"0x1\",\"x\"]]"),
      WithValues("[[\"9223372036854775808\",\"x\"]]"),
      WithValues("[[\"01768474800000000000\",\"x\"]]"),
      WithValues("[[\"2026-01-15T11:00:00Z\",\"x\"]]"),
      WithValues("[[\"1\",null]]"),
      WithValues("[[\"1\",5]]"),
      WithValues("[[\"1\",[\"x\"]]]"),
      WithValues("[[\"1\",\"x\",null]]"),
      WithValues("[[\"1\",\"x\",\"text\"]]"),
      WithValues("[[\"1\",\"x\",[]]]"),
      WithValues("[[\"1\",\"x\",{\"t\":5}]]"),
      WithValues("[[\"1\",\"x\",{\"t\":null}]]"),
      WithValues("[[\"1\",\"x\",{\"t\":{\"a\":\"b\"}}]]"),
      WithValues(R"([["1","bad escape \x41"]])"),
      WithValues(R"([["1","lone surrogate \ud800 end"]])"),
  };
  for (const std::string& json : rows) {
    EXPECT_THAT(DecodePushJson(json), HasCode(StatusCode::kInvalidArgument)) << json;
  }
}

TEST(PushJsonTest, IsNotBroughtDownByDepth) {
  for (const char open : {'[', '{'}) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += open == '{' ? "{\"a\":" : "[";
    EXPECT_THAT(DecodePushJson(deep), HasCode(StatusCode::kInvalidArgument));
    EXPECT_THAT(DecodePushJson("{\"x\":" + deep), HasCode(StatusCode::kInvalidArgument));
    EXPECT_THAT(DecodePushJson(R"({"streams":[{"stream":{"a":)" + deep),
                HasCode(StatusCode::kInvalidArgument));
  }
}

TEST(PushJsonTest, SurvivesEveryCutAndEveryDamagedByte) {
  const std::string json = WithValues(R"([["10","a \"line\" \u00e9",{"k":"v"}],["20","two"]])");
  for (size_t i = 0; i < json.size(); ++i) {
    const auto cut = DecodePushJson(json.substr(0, i));
    EXPECT_THAT(cut, HasCode(StatusCode::kInvalidArgument)) << i;
    for (const char flip : {'\x01', '\x08', '\x40', '\xff'}) {
      std::string damaged = json;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      const auto batch = DecodePushJson(damaged);
      if (batch.ok()) {
        EXPECT_LE(batch->entries.size(), 2u);
      }
    }
  }
}

TEST(LegacyPushJsonTest, ReadsWhatClientsSend) {
  const std::vector<Row> rows = {
      {R"({"streams":[{"labels":"{a=\"1\"}","entries":[{"ts":"1970-01-01T00:00:01Z","line":"x"},)"
       R"({"line":"y","ts":"1970-01-01T00:00:02.5Z","structuredMetadata":{"k":"v"},"parsed":{}}]}]})",
       "{a=\"1\"}\n  1000000000 x\n  2500000000 y k=v\n"},
      {R"({"streams":[{"labels":"{a=\"1\"}","Entries":[{"TS":"1970-01-01T00:00:00Z","Line":null}],)"
       R"("hash":5,"unknown":[1]}]})",
       "{a=\"1\"}\n  0 \n"},
      {R"({"streams":[{"labels":null,"entries":null}]})", "\n"},
      {R"({"streams":[]})", ""},
  };
  for (const Row& row : rows) {
    const auto batch = DecodeLegacyPushJson(row.json);
    ASSERT_THAT(batch, IsOk()) << row.json;
    EXPECT_EQ(PrintBatch(*batch), row.printed) << row.json;
  }
}

TEST(LegacyPushJsonTest, RefusesWhatIsNoPush) {
  const auto with_entry = [](const std::string& entry) {
    return R"({"streams":[{"labels":"{}","entries":[)" + entry + "]}]}";
  };
  const std::vector<std::string> rows = {
      "",
      "[]",
      "{",
      R"({"streams":{}})",
      R"({"streams":[{"labels":5}]})",
      R"({"streams":[{"entries":{}}]})",
      with_entry(R"("text")"),
      with_entry(R"({"line":"no time"})"),
      with_entry(R"({"ts":null,"line":"x"})"),
      with_entry(R"({"ts":1768474800,"line":"x"})"),
      with_entry(R"({"ts":"1768474800000000000","line":"x"})"),
      with_entry(R"({"ts":"2026-01-15","line":"x"})"),
      with_entry(R"({"ts":"2026-01-15T11:00:00Z","line":5})"),
      with_entry(R"({"ts":"2026-01-15T11:00:00Z","structuredMetadata":{"k":1}})"),
  };
  for (const std::string& json : rows) {
    EXPECT_THAT(DecodeLegacyPushJson(json), HasCode(StatusCode::kInvalidArgument)) << json;
  }
}

}  // namespace
}  // namespace skald::wire
