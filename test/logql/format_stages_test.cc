// line_format and label_format in a pipeline: what templates see of a row, and what their errors
// do to it.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "logql/plan/scan_plan.h"
#include "logql/rows.h"
#include "logql/stages/label_set.h"
#include "logql/stages/pipeline.h"
#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::BatchOf;
using test::ParsedLog;
using test::TestRow;

// A row as `line {labels}`, of a stream {app="web"}.
std::vector<std::string> FormatRows(const std::string& stages, const std::vector<TestRow>& rows) {
  const ParsedLog log("{app=\"web\"} " + stages);
  const ScanPlan plan = PlanEntries(*log);
  auto pipeline = Pipeline::Make(plan.stages, plan.needs);
  if (!pipeline.ok()) return {std::string(pipeline.status().message())};
  const model::LogBatch batch = BatchOf({{"app", "web"}}, rows);
  const RowSlice& slice = (*pipeline)->RunSlice((*pipeline)->Start(batch));
  std::vector<std::string> shown;
  for (const uint16_t i : slice.active()) {
    shown.push_back(std::string(slice.Line(i)) + " " + LabelSet(slice.labels(), i).ToString());
  }
  return shown;
}

std::string RunOne(const std::string& stages, const std::string& line) {
  const std::vector<std::string> rows =
      FormatRows(stages, {{.line = line, .metadata = {{"m", "1"}}}});
  return rows.size() == 1 ? rows[0] : std::to_string(rows.size()) + " rows";
}

TEST(FormatStages, WriteLinesOfLabelsOfAllKinds) {
  EXPECT_EQ(
      RunOne(R"(| logfmt | line_format "{{.app}} {{.m}} {{.a}} {{.none}}|{{__line__}}")", "a=x"),
      R"(web 1 x |a=x {a="x", app="web", m="1"})");
  EXPECT_EQ(RunOne(R"(| line_format "{{.m}}")", "x"), R"(1 {app="web", m="1"})");
  EXPECT_EQ(RunOne(R"(| line_format "{{.none}}")", "x"), R"( {app="web", m="1"})");
}

TEST(FormatStages, LaterStagesSeeTheNewLine) {
  EXPECT_EQ(RunOne(R"(| line_format "b={{.m}}" | logfmt | line_format "{{__line__}}!")", "x"),
            R"(b=1! {app="web", b="1", m="1"})");
}

TEST(FormatStages, AnErrorKeepsTheLineAndIsALabel) {
  EXPECT_EQ(RunOne(R"(| line_format "new {{len 1}}")", "old"),
            R"(old {__error__="TemplateFormatErr", )"
            R"(__error_details__="template: line:1:6: executing \"line\" at <len 1>: )"
            R"(error calling len: len of type int", app="web", m="1"})");
}

TEST(FormatStages, AnErrorIsOfItsRowAlone) {
  const auto rows = FormatRows(R"(| logfmt | line_format "{{div 1 .n}}" | __error__="")",
                               {{.line = "n=1", .metadata = {}},
                                {.line = "n=0", .metadata = {}},
                                {.line = "n=2", .metadata = {}}});
  EXPECT_EQ(rows, (std::vector<std::string>{R"(1 {app="web", n="1"})", R"(0 {app="web", n="2"})"}));
}

TEST(FormatStages, RenameMovesALabel) {
  EXPECT_EQ(RunOne("| logfmt | label_format b=a", "a=x"), R"(a=x {app="web", b="x", m="1"})");
  EXPECT_EQ(RunOne("| logfmt | label_format b=none", "a=x"), R"(a=x {a="x", app="web", m="1"})");
}

TEST(FormatStages, TemplatesOfOneStageSeeTheSameLabels) {
  EXPECT_EQ(RunOne(R"(| logfmt | label_format a="{{.b}}", b="{{.a}}")", "a=x b=y"),
            R"(a=x b=y {a="y", app="web", b="x", m="1"})");
}

TEST(FormatStages, LabelTemplateErrorsAreLabels) {
  const std::string shown = RunOne(R"(| label_format a="{{div 1 0}}")", "x");
  EXPECT_NE(shown.find(R"(__error__="TemplateFormatErr")"), std::string::npos) << shown;
  EXPECT_NE(shown.find("integer divide by zero"), std::string::npos) << shown;
  EXPECT_EQ(shown.find(R"( a=")"), std::string::npos) << shown;
}

TEST(FormatStages, SeeTheErrorOfAParserBefore) {
  EXPECT_EQ(RunOne(R"(| json | line_format "{{.__error__}}" | drop __error_details__)", "no json"),
            R"(JSONParserErr {__error__="JSONParserErr", app="web", m="1"})");
}

TEST(FormatStages, RefuseWhatIsNoTemplate) {
  const auto message = [](const std::string& stages) { return FormatRows(stages, {})[0]; };
  EXPECT_NE(message(R"(| line_format "{{.a")")
                .find("invalid line template: template: line:1: unclosed action"),
            std::string::npos);
  EXPECT_NE(
      message(R"(| label_format a="{{nope}}")")
          .find("invalid template for label 'a': template: label:1: function \"nope\" not defined"),
      std::string::npos);
  EXPECT_NE(message(R"(| label_format a=b, a=c)")
                .find("multiple label name 'a' not allowed in a single format operation"),
            std::string::npos);
  EXPECT_NE(message("| label_format __error__=a").find("__error__ cannot be formatted"),
            std::string::npos);
}

}  // namespace
}  // namespace skald::logql
