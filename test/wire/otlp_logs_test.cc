#include "wire/otlp_logs.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "support/matchers.h"
#include "support/otlp_message.h"
#include "support/push_text.h"

namespace skald::wire {
namespace {

using test::BytesField;
using test::Fixed32Field;
using test::Fixed64Field;
using test::HasCode;
using test::HasMessage;
using test::IsOk;
using test::NumberField;
using test::OtlpAttribute;
using test::OtlpBody;
using test::OtlpExport;
using test::OtlpKeyValue;
using test::OtlpList;
using test::OtlpMap;
using test::OtlpResource;
using test::OtlpScopeLogs;
using test::OtlpText;
using test::PrintBatch;

constexpr int64_t kNow = 77;

class OtlpLogsTest : public testing::Test {
 protected:
  void Configure(std::string_view yaml) {
    auto config = ParseYaml(yaml);
    ASSERT_THAT(config, IsOk());
    auto mapping =
        OtlpMapping::Compile(*config, {.index_labels = {"service.name", "k8s.pod.name"},
                                       .discover_service_name = {"app", "k8s_pod_name"}});
    ASSERT_THAT(mapping, IsOk());
    mapping_ = *std::move(mapping);
  }

  void SetUp() override { Configure("{}"); }

  std::string Decode(const std::string& message) {
    const auto batch = DecodeOtlpLogs(message, mapping_, kNow);
    return batch.ok() ? PrintBatch(*batch) : batch.status().ToString();
  }

  // An export of one resource with a service's name.
  static std::string Export(const std::vector<std::string>& records) {
    return OtlpExport(OtlpResource({OtlpKeyValue("service.name", OtlpText("s"))}) +
                      OtlpScopeLogs(records));
  }

  OtlpMapping mapping_ = *OtlpMapping::Compile({}, {});
};

TEST_F(OtlpLogsTest, MapsResourceScopeAndRecord) {
  const std::string resource = OtlpResource(
      {OtlpKeyValue("service.name", OtlpText("shop")), OtlpKeyValue("host.name", OtlpText("h1"))});
  const std::string scope =
      BytesField(1, BytesField(1, "lib") + BytesField(2, "1.2") +
                        BytesField(3, OtlpKeyValue("lib.kind", OtlpText("a"))) + NumberField(4, 2));
  const std::string record =
      Fixed64Field(1, 5) + NumberField(2, 9) + BytesField(3, "Info") + OtlpBody(OtlpText("line")) +
      OtlpAttribute("user.id", NumberField(3, 42)) + NumberField(7, 3) + Fixed32Field(8, 1) +
      BytesField(9, "0123456789abcdef") + BytesField(10, "01234567") + Fixed64Field(11, 6) +
      BytesField(12, "login");
  EXPECT_EQ(Decode(OtlpExport(resource + BytesField(2, scope + BytesField(2, record)))),
            "{service_name=\"shop\"}\n"
            "  5 line user_id=42 observed_timestamp=6 severity_number=9 severity_text=Info "
            "dropped_attributes_count=3 flags=1 trace_id=30313233343536373839616263646566 "
            "span_id=3031323334353637 event_name=login host_name=h1 lib_kind=a scope_name=lib "
            "scope_version=1.2 scope_dropped_attributes_count=2\n");
}

TEST_F(OtlpLogsTest, ReadsResourceAndScopeBehindTheirRecords) {
  const std::string scope_logs =
      BytesField(2, BytesField(2, OtlpBody(OtlpText("x"))) + BytesField(1, BytesField(1, "lib")));
  EXPECT_EQ(
      Decode(OtlpExport(scope_logs + OtlpResource({OtlpKeyValue("service.name", OtlpText("s"))}))),
      "{service_name=\"s\"}\n  77 x scope_name=lib\n");
}

TEST_F(OtlpLogsTest, TakesTheObservedTimeAndThenTheClockForAMissingTime) {
  EXPECT_EQ(Decode(Export({Fixed64Field(11, 6), Fixed64Field(1, 5), ""})),
            "{service_name=\"s\"}\n  6 \n  5 \n  77 \n");
}

TEST_F(OtlpLogsTest, RefusesTimesThatDoNotFit) {
  EXPECT_EQ(Decode(Export({Fixed64Field(1, uint64_t{1} << 63)})),
            "INVALID_ARGUMENT: timestamp out of range: 9223372036854775808");
}

TEST_F(OtlpLogsTest, PrintsValuesOfEveryKind) {
  const auto number = [](double value) { return Fixed64Field(4, std::bit_cast<uint64_t>(value)); };
  struct Row {
    std::string value;
    std::string line;
  };
  const std::vector<Row> rows = {
      {"", ""},
      {OtlpText("a\nb \xff"), "a\nb \xff"},
      {NumberField(2, 1), "true"},
      {NumberField(3, static_cast<uint64_t>(-7)), "-7"},
      {number(2.5), "2.5"},
      {number(1e21), "1e+21"},
      {number(1e-7), "1e-7"},
      {number(-1.0 / 0.0), "-Infinity"},
      {BytesField(7, "\x01\x02"), "AQI="},
      {OtlpList({}), "[]"},
      {OtlpList({OtlpText("<&>"), "", NumberField(3, 1), BytesField(7, "b")}),
       R"(["<&>",null,1,"Yg=="])"},
      {OtlpMap({OtlpKeyValue("b", NumberField(3, 1)), OtlpKeyValue("a", OtlpList({""})),
                OtlpKeyValue("b", NumberField(3, 2))}),
       R"({"a":[null],"b":2})"},
      {OtlpText("first") + NumberField(3, 7), "7"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Decode(Export({Fixed64Field(1, 5) + OtlpBody(row.value)})),
              "{service_name=\"s\"}\n  5 " + row.line + "\n");
  }
}

TEST_F(OtlpLogsTest, FlattensMapsOfAttributes) {
  const std::string map = OtlpMap({OtlpKeyValue("x.y", OtlpMap({OtlpKeyValue("z", OtlpText("1"))})),
                                   OtlpKeyValue("l", OtlpList({OtlpText("a")})),
                                   OtlpKeyValue("", OtlpText("2")), OtlpKeyValue("none", "")});
  EXPECT_EQ(Decode(Export({OtlpAttribute("m", map)})),
            "{service_name=\"s\"}\n  77  m_x_y_z=1 m_l=[\"a\"] m_=2\n");
}

TEST_F(OtlpLogsTest, RefusesNamesWithoutALetterOrDigit) {
  for (const char* name : {"", "_", "__", "\xc3\xa9"}) {
    EXPECT_THAT(DecodeOtlpLogs(Export({OtlpAttribute(name, OtlpText("v"))}), mapping_, kNow),
                HasCode(StatusCode::kInvalidArgument))
        << name;
  }
}

TEST_F(OtlpLogsTest, TakesServiceNameFromTheResourcesLabels) {
  const auto of = [&](std::initializer_list<std::string> key_values) {
    return Decode(OtlpExport(OtlpResource(key_values) + OtlpScopeLogs({""})));
  };
  EXPECT_EQ(of({}), "{service_name=\"unknown_service\"}\n  77 \n");
  EXPECT_EQ(of({OtlpKeyValue("k8s.pod.name", OtlpText("p"))}),
            "{k8s_pod_name=\"p\", service_name=\"p\"}\n  77 \n");
  EXPECT_EQ(of({OtlpKeyValue("app", OtlpText("no label"))}),
            "{service_name=\"unknown_service\"}\n  77  app=no label\n");
}

TEST_F(OtlpLogsTest, SortsRecordsWithLabelsIntoStreams) {
  Configure(
      "log_attributes: [{action: index_label, attributes: [tier]}]\n"
      "severity_text_as_label: true\n");
  const auto record = [](uint64_t time, std::string_view tier) {
    return Fixed64Field(1, time) + OtlpAttribute("tier", OtlpText(tier));
  };
  EXPECT_EQ(Decode(Export({record(1, "a"), record(2, "b"), record(3, "a"),
                           Fixed64Field(1, 4) + BytesField(3, "Warn")}) +
                   Export({record(5, "b")})),
            "{service_name=\"s\", tier=\"a\"}\n  1 \n  3 \n"
            "{service_name=\"s\", tier=\"b\"}\n  2 \n  5 \n"
            "{service_name=\"s\", severity_text=\"Warn\"}\n  4  severity_text=Warn\n");
}

TEST_F(OtlpLogsTest, MakesNoStreamWithoutRecords) {
  EXPECT_EQ(Decode(""), "");
  EXPECT_EQ(Decode(OtlpExport(OtlpResource({OtlpKeyValue("service.name", OtlpText("s"))}) +
                              OtlpScopeLogs({}))),
            "");
}

TEST_F(OtlpLogsTest, ReadsTheFieldOfOldExporters) {
  EXPECT_EQ(Decode(OtlpExport(BytesField(1000, BytesField(2, OtlpBody(OtlpText("x")))))),
            "{service_name=\"unknown_service\"}\n  77 x\n");
}

TEST_F(OtlpLogsTest, RefusesMalformedMessages) {
  struct Row {
    std::string what;
    std::string message;
  };
  const std::vector<Row> rows = {
      {"text", "plain text"},
      {"cut", Export({OtlpBody(OtlpText("x"))}).substr(0, 20)},
      {"time as a varint", Export({NumberField(1, 5)})},
      {"flags as a varint", Export({NumberField(8, 5)})},
      {"severity as text", Export({BytesField(2, "INFO")})},
      {"body as a number", Export({NumberField(5, 1)})},
      {"trace id of 8 bytes", Export({BytesField(9, "01234567")})},
      {"span id of 16 bytes", Export({BytesField(10, "0123456789abcdef")})},
      {"list that is none", Export({OtlpBody(BytesField(5, "\xff"))})},
      {"attribute that is none", Export({BytesField(6, "\xff")})},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(DecodeOtlpLogs(row.message, mapping_, kNow), HasCode(StatusCode::kInvalidArgument))
        << row.what;
  }
}

TEST_F(OtlpLogsTest, RefusesValuesNestedTooDeep) {
  std::string list = OtlpText("x");
  std::string map = OtlpText("x");
  for (int i = 0; i < 200; ++i) {
    list = OtlpList({list});
    map = OtlpMap({OtlpKeyValue("k", map)});
  }
  EXPECT_THAT(DecodeOtlpLogs(Export({OtlpBody(list)}), mapping_, kNow),
              HasMessage("values nested more than 100 deep"));
  EXPECT_THAT(DecodeOtlpLogs(Export({OtlpAttribute("m", map)}), mapping_, kNow),
              HasMessage("an attribute's maps are nested more than 100 deep"));
}

TEST_F(OtlpLogsTest, RefusesASmallMessageThatWouldFillTheMemory) {
  std::string resource;
  for (int i = 0; i < 4000; ++i) {
    resource += BytesField(1, OtlpKeyValue("k" + std::to_string(i), OtlpText("v")));
  }
  const std::vector<std::string> records(4000);
  EXPECT_THAT(
      DecodeOtlpLogs(OtlpExport(BytesField(1, resource) + OtlpScopeLogs(records)), mapping_, kNow),
      HasCode(StatusCode::kResourceExhausted));
}

// Cut short and with every byte changed: an answer or a refusal, and views that lie in the batch.
TEST_F(OtlpLogsTest, SurvivesDamagedMessages) {
  const std::string message = Export(
      {Fixed64Field(1, 5) + OtlpBody(OtlpMap({OtlpKeyValue("a", OtlpList({OtlpText("b")}))})) +
       OtlpAttribute("m", OtlpMap({OtlpKeyValue("k", OtlpText("v"))})) +
       BytesField(9, "0123456789abcdef")});
  for (size_t i = 0; i < message.size(); ++i) {
    Decode(message.substr(0, i));
    for (const char mask : {'\x01', '\x10', '\x80', '\xff'}) {
      std::string damaged = message;
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      Decode(damaged);
    }
  }
}

}  // namespace
}  // namespace skald::wire
