#include "wire/otlp_logs_json.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/matchers.h"
#include "support/push_text.h"
#include "wire/otlp_logs.h"

namespace skald::wire {
namespace {

using test::HasCode;
using test::IsOk;
using test::PrintBatch;

// The batch that becomes of an export with one record of these members.
std::string DecodeRecord(std::string_view members) {
  const auto message = OtlpLogsJsonToProto(R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{)" +
                                           std::string(members) + "}]}]}]}");
  if (!message.ok()) return message.status().ToString();
  const auto batch = DecodeOtlpLogs(*message, *OtlpMapping::Compile({}, {}), 77);
  return batch.ok() ? PrintBatch(*batch) : batch.status().ToString();
}

TEST(OtlpLogsJsonTest, ReadsAllOfAnExport) {
  const auto message = OtlpLogsJsonToProto(R"({
    "resourceLogs": [{
      "resource": {"attributes": [{"key": "host.name", "value": {"stringValue": "h1"}}]},
      "scopeLogs": [{
        "scope": {"name": "lib", "version": "1", "droppedAttributesCount": 2,
                  "attributes": [{"key": "k", "value": {"boolValue": true}}]},
        "logRecords": [{
          "timeUnixNano": "5", "observedTimeUnixNano": 6, "severityNumber": "SEVERITY_NUMBER_WARN2",
          "severityText": "Warn", "body": {"kvlistValue": {"values": [
              {"key": "l", "value": {"arrayValue": {"values": [{"intValue": "1"}, null, {}]}}}]}},
          "attributes": [{"key": "d", "value": {"doubleValue": 1.5}}],
          "droppedAttributesCount": "3", "flags": 1,
          "traceId": "000102030405060708090A0B0C0D0E0F", "spanId": "0001020304050607",
          "eventName": "e"}]}],
      "schemaUrl": "x"}],
    "unknown": {"a": [1]}})");
  ASSERT_THAT(message, IsOk());
  const auto batch = DecodeOtlpLogs(*message, *OtlpMapping::Compile({}, {}), 77);
  ASSERT_THAT(batch, IsOk());
  EXPECT_EQ(PrintBatch(*batch),
            "{}\n  5 {\"l\":[1,null,null]} d=1.5 observed_timestamp=6 severity_number=14 "
            "severity_text=Warn dropped_attributes_count=3 flags=1 "
            "trace_id=000102030405060708090a0b0c0d0e0f span_id=0001020304050607 event_name=e "
            "host_name=h1 k=true scope_name=lib scope_version=1 "
            "scope_dropped_attributes_count=2\n");
}

TEST(OtlpLogsJsonTest, ReadsValues) {
  struct Row {
    std::string_view value;
    std::string_view line;
  };
  const std::vector<Row> rows = {
      {R"({"stringValue":"\u00fcn \ud83d\ude00 \/ \n"})", "ün 😀 / \n"},
      {R"({"stringValue":"lone \ud800 surrogate, \udc00\u0041"})",
       "lone \ufffd surrogate, \ufffdA"},
      {R"({"stringValue":"a","intValue":"5"})", "5"},
      {R"({"string_value":"old name"})", "old name"},
      {R"({"intValue":"-9223372036854775808"})", "-9223372036854775808"},
      {R"({"doubleValue":"NaN"})", "NaN"},
      {R"({"bytesValue":"AP8="})", "AP8="},
      {R"({"arrayValue":{}})", "[]"},
      {"null", ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(DecodeRecord("\"body\":" + std::string(row.value)),
              "{}\n  77 " + std::string(row.line) + "\n");
  }
}

TEST(OtlpLogsJsonTest, TakesNullForNoAttributesAndNoRecords) {
  EXPECT_EQ(DecodeRecord(R"("attributes":null,"severityText":null)"), "{}\n  77 \n");
  EXPECT_EQ(*OtlpLogsJsonToProto("null"), "");
  EXPECT_EQ(*OtlpLogsJsonToProto(R"({"resourceLogs":null})"), "");
}

TEST(OtlpLogsJsonTest, MendsBytesThatAreNotUtf8) {
  EXPECT_EQ(DecodeRecord("\"body\":{\"stringValue\":\"bad \xff\"}"), "{}\n  77 bad \ufffd\n");
}

TEST(OtlpLogsJsonTest, RefusesMembersOfAnotherKind) {
  for (const std::string_view members : {
           R"("body":"plain")",
           R"("body":5)",
           R"("body":{"stringValue":5})",
           R"("body":{"stringValue":"\x"})",
           R"("body":{"boolValue":"true"})",
           R"("body":{"intValue":"x"})",
           R"("body":{"intValue":9223372036854775808})",
           R"("body":{"bytesValue":"not base64!"})",
           R"("body":{"arrayValue":[]})",
           R"("attributes":{"k":"v"})",
           R"("attributes":["x"])",
           R"("attributes":[{"key":"k","value":"v"}])",
           R"("timeUnixNano":"-1")",
           R"("timeUnixNano":" 1")",
           R"("timeUnixNano":"1.0")",
           R"("timeUnixNano":"18446744073709551616")",
           R"("severityNumber":"9")",
           R"("severityNumber":"INFO")",
           R"("severityNumber":"SEVERITY_NUMBER_INFO5")",
           R"("severityNumber":null)",
           R"("severityText":5)",
           R"("flags":-1)",
           R"("flags":1.5)",
           R"("traceId":null)",
           R"("traceId":5)",
           R"("traceId":"zz")",
           R"("traceId":"5b8e")",
       }) {
    EXPECT_EQ(DecodeRecord(members).substr(0, 17), "INVALID_ARGUMENT:") << members;
  }
}

TEST(OtlpLogsJsonTest, RefusesWhatIsNoExport) {
  for (const std::string_view text :
       {"", "5", "[]", "{", R"({"resourceLogs":{}})", R"({"resourceLogs":[[]]})",
        R"({"resourceLogs":[],})", "\xef\xbb\xbf{}"}) {
    EXPECT_THAT(OtlpLogsJsonToProto(std::string(text)), HasCode(StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(OtlpLogsJsonTest, RefusesValuesThatAreNestedTooDeep) {
  for (const size_t depth : {size_t{1000}, size_t{100'000}}) {
    std::string members = R"("body":)";
    for (size_t i = 0; i < depth; ++i) members += R"({"arrayValue":{"values":[)";
    members += R"({"stringValue":"x"})";
    for (size_t i = 0; i < depth; ++i) members += "]}}";
    EXPECT_EQ(DecodeRecord(members), "INVALID_ARGUMENT: values nested more than 100 deep");
  }
}

}  // namespace
}  // namespace skald::wire
