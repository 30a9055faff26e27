#include "distributor/field_detection.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/limits.h"

namespace skald::distributor {
namespace {

using model::Labels;
using model::MetadataPair;

const LevelDetector& Detector() {
  static const LevelDetector& detector =
      *new LevelDetector(Limits().log_level_fields, Limits().log_level_from_json_max_depth);
  return detector;
}

TEST(FieldDetectionTest, NamesAServiceByTheFirstLabelThatIsThere) {
  const std::vector<std::string> candidates = Limits().discover_service_name;
  EXPECT_EQ(DiscoverServiceName({{"app", "a"}, {"job", "j"}}, candidates), "a");
  EXPECT_EQ(DiscoverServiceName({{"app", "a"}, {"service", "s"}}, candidates), "s");
  EXPECT_EQ(DiscoverServiceName({{"app", ""}, {"job", "j"}}, candidates), "j");
  EXPECT_EQ(DiscoverServiceName({{"pod", "p"}}, candidates), "unknown_service");
}

TEST(FieldDetectionTest, TakesTheLevelOfTheStreamsLabels) {
  struct Row {
    Labels labels;
    std::string level;
  };
  const std::vector<Row> rows = {
      {{{"level", "error"}}, "error"},
      {{{"level", "Warning"}}, "warn"},
      {{{"level", "5"}}, "5"},
      {{{"LEVEL", "err"}}, "error"},
      {{{"level", "error"}, {"severity", "info"}}, "error"},
      {{{"lvl", "trc"}, {"severity", "dbg"}}, "debug"},
      {{{"SeverityText", "INFORMATION"}}, "info"},
      {{{"detected_level", "warn"}}, "none"},
      {{{"severity_number", "17"}}, "none"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Detector().FromLabels(row.labels).value_or("none"), row.level)
        << row.labels.ToString();
  }
}

TEST(FieldDetectionTest, TakesTheLevelOfMetadataBeforeThatOfTheLine) {
  struct Row {
    std::vector<MetadataPair> metadata;
    std::string level;
  };
  const std::vector<Row> rows = {
      {{{"level", "info"}}, "info"},
      {{{"severity", "Warning"}}, "warn"},
      {{{"Level", "odd"}}, "odd"},
      {{{"lvl", "info"}, {"level", "debug"}}, "debug"},
      {{{"severity_number", "0"}}, "unknown"},
      {{{"severity_number", "-1"}}, "trace"},
      {{{"severity_number", "1"}}, "trace"},
      {{{"severity_number", "4"}}, "trace"},
      {{{"severity_number", "5"}}, "debug"},
      {{{"severity_number", "9"}}, "info"},
      {{{"severity_number", "12"}}, "info"},
      {{{"severity_number", "16"}}, "warn"},
      {{{"severity_number", "17"}}, "error"},
      {{{"severity_number", "24"}}, "fatal"},
      {{{"severity_number", "25"}}, "unknown"},
      {{{"severity_number", "abc"}}, "info"},
      {{{"severity_number", "9.0"}}, "info"},
      {{{"severity_number", "9"}, {"severity_text", "FATAL"}}, "fatal"},
      {{{"user", "u"}}, "error"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Detector().Detect(std::nullopt, row.metadata, "an error"), row.level)
        << row.metadata[0].name << "=" << row.metadata[0].value;
  }
}

TEST(FieldDetectionTest, TheStreamsLevelIsThatOfItsEntries) {
  EXPECT_EQ(Detector().Detect("odd", std::vector<MetadataPair>{{"level", "info"}}, "error"), "odd");
}

TEST(FieldDetectionTest, LooksIntoLines) {
  struct Row {
    std::string line;
    std::string level;
  };
  const std::vector<Row> rows = {
      {R"({"level":"ERROR","msg":"x"})", "error"},
      {R"({"LEVEL":"dbg"})", "debug"},
      {R"(  {"log":{"level":"wrn"}} )", "warn"},
      {R"({"level":"notice","msg":"error here"})", "error"},
      {R"({"level":5,"msg":"info: all well"})", "info"},
      {R"({"level":"","x":1})", "unknown"},
      {R"({"level":"\u0065rror"})", "unknown"},
      {R"({"a":{"b":{"level":"dbg"}}})", "unknown"},
      {R"({"msg":"x level=dbg"})", "unknown"},
      {R"([{"level":"dbg"}])", "unknown"},
      {"level=dbg", "debug"},
      {"lvl=error level=dbg", "debug"},
      {"level=notice msg=error", "error"},
      {R"(level="" msg="warn: x")", "warn"},
      {"level=3 err=nil", "error"},
      {"status=200 path=/error", "unknown"},
      {"an error", "error"},
      {"nothing at all", "unknown"},
      {"", "unknown"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Detector().Detect(std::nullopt, {}, row.line), row.level) << row.line;
  }
}

TEST(FieldDetectionTest, NormalizesKnownLevelsAndKeepsOthers) {
  EXPECT_EQ(NormalizeLevel("WARNING"), "warn");
  EXPECT_EQ(NormalizeLevel("Emergency"), "Emergency");
  EXPECT_EQ(NormalizeLevel(""), "");
}

TEST(FieldDetectionTest, FindsGenericFieldsByTheirHints) {
  const std::vector<MetadataPair> metadata = {{"org", "from metadata"}};
  const auto find = [&](std::vector<std::string> hints, std::string_view line) {
    return std::string(FindGenericField(hints, {{"tenant", "from label"}}, metadata, line));
  };
  EXPECT_EQ(find({"tenant", "org"}, ""), "from label");
  EXPECT_EQ(find({"nope", "org"}, ""), "from metadata");
  EXPECT_EQ(find({"a.b"}, R"({"a":{"b":"from json"}})"), "from json");
  EXPECT_EQ(find({"a"}, "x=1 a=logfmt"), "logfmt");
  EXPECT_EQ(find({"nope"}, "x=1"), "");
}

}  // namespace
}  // namespace skald::distributor
