// Runs every script of test/logql/scripts, cut into blocks in several ways.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <tuple>
#include <vector>

#include "logql/script.h"
#include "logql/script_runner.h"
#include "support/matchers.h"

namespace skald::test {
namespace {

std::vector<std::string> ScriptPaths() {
  std::vector<std::string> paths;
  for (const auto& file : std::filesystem::directory_iterator(SKALD_LOGQL_SCRIPTS)) {
    if (file.path().extension() == ".logqltest") paths.push_back(file.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

const ScriptSetup kSetups[] = {
    {"WholeStreams", {.block_rows = {1 << 20}}, 1},
    {"SingleRows", {.block_rows = {1}, .skips_by_literals = true}, 1},
    {"UnevenBlocks", {.block_rows = {3, 1, 2, 5}, .blocks_exceed_range = true}, 4},
    {"SingleRowsOnThreads",
     {.block_rows = {1}, .blocks_exceed_range = true, .skips_by_literals = true},
     4},
    {"LargeBlocksOnThreads", {.block_rows = {1500, 700}, .blocks_exceed_range = true}, 4},
};

class ScriptTest : public testing::TestWithParam<std::tuple<std::string, ScriptSetup>> {};

TEST_P(ScriptTest, GetsWhatItExpects) {
  const auto& [path, setup] = GetParam();
  std::ifstream file(path);
  const Result<Script> script = ParseScript(std::string(std::istreambuf_iterator<char>(file), {}));
  ASSERT_THAT(script, IsOk()) << path;
  for (const ScriptFailure& failure : RunScript(*script, setup)) {
    ADD_FAILURE_AT(path.c_str(), failure.line) << failure.text;
  }
}

INSTANTIATE_TEST_SUITE_P(Scripts, ScriptTest,
                         testing::Combine(testing::ValuesIn(ScriptPaths()),
                                          testing::ValuesIn(kSetups)),
                         [](const auto& info) {
                           const std::filesystem::path path = std::get<0>(info.param);
                           return path.stem().string() + "_" + std::get<1>(info.param).name;
                         });

// The runner itself: what it finds wrong with a script, and in which line.

std::vector<std::string> Failures(std::string_view text) {
  const Result<Script> script = ParseScript(text);
  if (!script.ok()) return {script.status().ToString()};
  std::vector<std::string> shown;
  for (const ScriptFailure& failure : RunScript(*script, kSetups[0])) {
    shown.push_back(std::to_string(failure.line) + ": " + failure.text);
  }
  return shown;
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ScriptRunnerTest, PassesWhatIsAsExpected) {
  EXPECT_THAT(Failures("load\n"
                       "  {app=\"a\"}  0s \"level=info took=3ms\"  10s \"level=error\" id=\"7\"\n"
                       "eval {app=\"a\"} |= \"error\"\n"
                       "  {app=\"a\", id=\"7\"} 10s \"level=error\"\n"
                       "eval range 0s..60s step 30s \\\n"
                       "  count_over_time({app=\"a\"}[30s])\n"
                       "  {app=\"a\"} 0s 1\n"
                       "  {app=\"a\", id=\"7\"} 30s 1\n"
                       "eval_error {app=\"a\"} | -> syntax error\n"),
              IsEmpty());
}

TEST(ScriptRunnerTest, NamesTheLineOfEachDifference) {
  EXPECT_THAT(Failures("load\n"
                       "  {app=\"a\"}\n"
                       "    0s \"one\"\n"
                       "    1s \"two\"\n"
                       "eval {app=\"a\"}\n"
                       "  {app=\"a\"}\n"
                       "    0s \"one\"\n"
                       "    1s \"three\"\n"),
              ElementsAre("8: missing: {app=\"a\"} 1s \"three\"",
                          "5: not expected: {app=\"a\"} 1s \"two\""));
}

TEST(ScriptRunnerTest, SeesAWrongOrder) {
  EXPECT_THAT(Failures("load\n"
                       "  {app=\"a\"} 0s \"one\" 1s \"two\"\n"
                       "eval forward {app=\"a\"}\n"
                       "  {app=\"a\"} 1s \"two\" 0s \"one\"\n"),
              ElementsAre("4: out of order; here comes: {app=\"a\"} 0s \"one\""));
}

TEST(ScriptRunnerTest, SeesErrorsThatShouldNotBeAndThoseThatAreMissing) {
  EXPECT_THAT(Failures("eval {app=\"a\"} |\n"), ElementsAre(HasSubstr("1: unexpected error: ")));
  EXPECT_THAT(Failures("eval_error {app=\"a\"} -> bad\n"),
              ElementsAre("1: expected the error: bad"));
  EXPECT_THAT(Failures("eval_error {app=\"a\"} | -> bad\n"),
              ElementsAre(HasSubstr("1: expected the error: bad\n  got: ")));
}

TEST(ScriptRunnerTest, FailsAScriptThatExpectsNothing) {
  EXPECT_THAT(Failures("load\n  {app=\"a\"} 0s \"one\"\n"),
              ElementsAre("1: the script expects nothing"));
  EXPECT_THAT(Failures(""), ElementsAre("1: the script expects nothing"));
}

TEST(ScriptRunnerTest, RefusesWhatItCannotRead) {
  EXPECT_THAT(Failures("load\n  0s \"one\"\n"),
              ElementsAre(HasSubstr("line 2: expected a label set")));
  EXPECT_THAT(Failures("eval_error {app=\"a\"}\n"), ElementsAre(HasSubstr("line 1: expected ->")));
  EXPECT_THAT(Failures("evil {app=\"a\"}\n"), ElementsAre(HasSubstr("line 1: expected load")));
  EXPECT_THAT(Failures("eval {app=\"a\"}\n  {app=\"a\"} 1s two\n"),
              ElementsAre(HasSubstr("line 2: expected a number")));
}

}  // namespace
}  // namespace skald::test
