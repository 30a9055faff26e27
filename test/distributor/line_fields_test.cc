#include "distributor/line_fields.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skald::distributor {
namespace {

struct Row {
  std::string line;
  std::string value;
};

TEST(LineFieldsTest, KnowsJsonObjectsByTheirEnds) {
  for (const char* line : {"{}", " {\"a\":1}\n", "{not json}"}) {
    EXPECT_TRUE(LooksLikeJsonObject(line)) << line;
  }
  for (const char* line : {"", " ", "[{}]", "{", "}", "x {}", "{} x"}) {
    EXPECT_FALSE(LooksLikeJsonObject(line)) << line;
  }
}

TEST(LineFieldsTest, FindsTheFirstJsonMemberWithAName) {
  const FieldNames fields({"level", "lvl"});
  const std::vector<Row> rows = {
      {R"({"level":"error"})", "error"},
      {R"({ "a" : 1 , "level" : "error" })", "error"},
      {R"({"lvl":"info","level":"error"})", "info"},
      {R"({"log":{"level":"warn"}})", "warn"},
      {R"({"a":{"b":1},"level":"warn"})", "warn"},
      {R"({"a":{},"level":"warn"})", "warn"},
      {R"({"a":{"b":{"level":"deep"}},"level":"flat"})", "flat"},
      {R"({"a":[{"level":"in an array"}],"level":"flat"})", "flat"},
      {R"({"a":["]","}"],"level":"flat"})", "flat"},
      {R"({"a":"\"level\":\"x\"","level":"y"})", "y"},
      {R"({"a":"\\","level":"y"})", "y"},
      {R"({"level":5,"lvl":"x"})", "x"},
      {R"({"level":null,"lvl":"x"})", "x"},
      {R"({"level":"\u0065rror"})", R"(\u0065rror)"},
      {R"({"level":"error",broken})", "error"},
      // Nothing.
      {"{}", ""},
      {R"({"a":{"b":{"level":"deep"}}})", ""},
      {R"({"LEVEL":"x"})", ""},
      {R"({"level":""})", ""},
      {"{not json level=error}", ""},
      {R"({"a":1 "level":"x"})", ""},
      {R"({"a":,"level":"x"})", ""},
      {R"({"level":"open)", ""},
      {R"({"level)", ""},
      {R"({"a":[[[}", ")", ""},
      {"{", ""},
      {"", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(FindJsonField(row.line, fields, 2), row.value) << row.line;
}

TEST(LineFieldsTest, SearchesJsonAsDeepAsItIsTold) {
  const FieldNames fields({"level"});
  const std::string line = R"({"a":{"b":{"c":{"level":"deep"}}}})";
  EXPECT_EQ(FindJsonField(line, fields, 1), "");
  EXPECT_EQ(FindJsonField(line, fields, 3), "");
  EXPECT_EQ(FindJsonField(line, fields, 4), "deep");
  EXPECT_EQ(FindJsonField(line, fields, 0), "deep");
  EXPECT_EQ(FindJsonField(R"({"level":"flat"})", fields, 1), "flat");
}

TEST(LineFieldsTest, FindsTheLogfmtKeyThatIsFirstInTheList) {
  const FieldNames fields({"level", "lvl", "severity"});
  const std::vector<Row> rows = {
      {"level=error", "error"},
      {"lEvEl=info", "info"},
      {"ts=1 caller=x.go level=debug msg=x", "debug"},
      {"lvl=error level=info", "info"},
      {"severity=a lvl=b", "b"},
      {R"(msg="an error" level=info)", "info"},
      {R"(level="two words")", "two words"},
      {R"(msg="level=inside" lvl=out)", "out"},
      {R"(msg="a \"q\" level=in" lvl=out)", "out"},
      {"level==error", "=error"},
      {"level=error=x", "error=x"},
      {"\tlevel=x\n", "x"},
      {R"(="x" level=error)", "error"},
      {R"(a=1 level="two words" b=2)", "two words"},
      {"a=1\tlevel=x\tlevel=y", "x"},
      // Nothing.
      {"xlevel=error", ""},
      {"[level=error]", ""},
      {"x=1,level=error", ""},
      {"msg=level=error", ""},
      {"GET /x?level=error HTTP/1.1", ""},
      {"level", ""},
      {"level =error", ""},
      {R"(msg="open level=error)", ""},
      {R"(a=1 level="open)", ""},
      {"=", ""},
      {"", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(FindLogfmtField(row.line, fields), row.value) << row.line;
}

TEST(LineFieldsTest, FollowsJsonPaths) {
  const std::string line = R"({"a":1,"b":{"c":"x","d":{"e":true}},"f":"y","a":2,"g":[1]})";
  EXPECT_EQ(FindJsonPath(line, "a"), "1");
  EXPECT_EQ(FindJsonPath(line, "b.c"), "x");
  EXPECT_EQ(FindJsonPath(line, "b.d.e"), "true");
  EXPECT_EQ(FindJsonPath(line, "f"), "y");
  EXPECT_EQ(FindJsonPath(line, "b"), "");
  EXPECT_EQ(FindJsonPath(line, "g"), "");
  EXPECT_EQ(FindJsonPath(line, "f.x"), "");
  EXPECT_EQ(FindJsonPath(line, "nope"), "");
  EXPECT_EQ(FindJsonPath(line, ""), "");
  EXPECT_EQ(FindJsonPath("{", "a"), "");
}

TEST(LineFieldsTest, FindsASingleLogfmtKey) {
  EXPECT_EQ(FindLogfmtKey(R"(a=1 b="x y" c=)", "b"), "x y");
  EXPECT_EQ(FindLogfmtKey("a=1 a=2", "a"), "1");
  EXPECT_EQ(FindLogfmtKey("A=1", "a"), "");
  EXPECT_EQ(FindLogfmtKey("c=", "c"), "");
}

TEST(LineFieldsTest, SurvivesEveryCutAndEveryDamagedByte) {
  const FieldNames fields({"level"});
  for (const std::string& line :
       {std::string(R"({"a":"\"x\\","b":[1,{"c":"]"}],"d":{"e":{"f":1}},"level":"x"})"),
        std::string(R"(a="b \" c" d=e level="x" f=g)")}) {
    for (size_t i = 0; i < line.size(); ++i) {
      for (const char flip : {'\0', '\x01', '\x20', '\x7f', '\xff'}) {
        std::string damaged = line;
        damaged[i] = static_cast<char>(damaged[i] ^ flip);
        // Views must lie in the line, cut short or not.
        for (const std::string_view text :
             {std::string_view(damaged).substr(0, i), std::string_view(damaged)}) {
          for (const std::string_view value :
               {FindJsonField(text, fields, 0), FindLogfmtField(text, fields),
                FindJsonPath(text, "d.e.f"), FindLogfmtKey(text, "level")}) {
            if (value.empty()) continue;
            EXPECT_GE(value.data(), text.data());
            EXPECT_LE(value.data() + value.size(), text.data() + text.size());
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace skald::distributor
