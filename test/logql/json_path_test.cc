#include "logql/stages/json_path.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::HasMessage;
using test::IsOk;

// Names with a dot in front, indexes in brackets.
std::string Shown(const JsonPath& path) {
  std::string out;
  for (const JsonStep& step : path) {
    out += step.is_index ? "[" + std::to_string(step.index) + "]" : "." + step.key;
  }
  return out;
}

TEST(JsonPathTest, ReadsNamesKeysAndIndexes) {
  const struct {
    const char* text;
    const char* path;
  } rows[] = {
      {"a", ".a"},
      {"a.b_2.c", ".a.b_2.c"},
      {"list[0]", ".list[0]"},
      {"list[0][12].x", ".list[0][12].x"},
      {"[3]", "[3]"},
      {R"(["any key"])", ".any key"},
      {R"(a["x.y"]["say \"hi\""].b)", ".a.x.y.say \"hi\".b"},
      {R"(["a"][0])", ".a[0]"},
      {R"([""])", "."},
      {" a . b [ 0 ] ", ".a.b[0]"},
  };
  for (const auto& row : rows) {
    const Result<JsonPath> path = ParseJsonPath(row.text);
    ASSERT_THAT(path, IsOk()) << row.text;
    EXPECT_EQ(Shown(*path), row.path) << row.text;
  }
}

TEST(JsonPathTest, SaysWhatIsWrong) {
  const struct {
    const char* text;
    const char* cause;
  } rows[] = {
      {"", "syntax error: unexpected $end, expecting FIELD or LSB"},
      {".a", "syntax error: unexpected DOT, expecting FIELD or LSB"},
      {"a..b", "syntax error: unexpected DOT, expecting FIELD"},
      {"a.", "syntax error: unexpected $end, expecting FIELD"},
      {"a.[0]", "syntax error: unexpected LSB, expecting FIELD"},
      {"a b", "syntax error: unexpected FIELD, expecting DOT or LSB"},
      {"a[", "syntax error: unexpected $end, expecting STRING or INDEX"},
      {"a[x]", "syntax error: unexpected FIELD, expecting STRING or INDEX"},
      {"a[0", "syntax error: unexpected $end, expecting RSB"},
      {"a[99999999999999999999]", "syntax error: unexpected INDEX, expecting STRING or INDEX"},
      {"a[\"x", "invalid syntax"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(ParseJsonPath(row.text), HasMessage("cannot parse expression [" +
                                                    std::string(row.text) + "]: " + row.cause));
  }
}

}  // namespace
}  // namespace skald::logql
