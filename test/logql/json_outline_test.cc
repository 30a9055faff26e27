#include "logql/stages/json_outline.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "logql/outlines.h"

namespace skald::logql {
namespace {

using test::Hole;
using test::Listed;
using test::Number;
using test::PlainText;
using test::Text;

constexpr const char* kWhole = "whole";

std::string Cut(const std::string& text, std::vector<Hole> holes,
                std::vector<std::string> labels = {"status"}) {
  const model::LineOutline outline = test::OutlineOf(text, std::move(holes));
  std::vector<model::LineExcerpt::Range> kept;
  const FieldKeys fields{.labels = {.all = false, .names = std::move(labels)}, .keys = {}};
  return CutJson(outline, fields, kept) ? test::Kept(outline, kept) : kWhole;
}

TEST(JsonOutlineTest, KeepsMembersThatAreAskedFor) {
  const std::string line = R"({"ts":"*","msg":"*","status"*,"ms"*})";
  const std::vector<Hole> holes = {PlainText(), Text(), Number(":"), Number(":")};
  EXPECT_EQ(Cut(line, holes), R"({"status"*})");
  EXPECT_EQ(Cut(line, holes, {"ms"}), R"({"ms"*})");
  EXPECT_EQ(Cut(line, holes, {"ms", "ts"}), R"({"ts":"*","ms"*})");
  EXPECT_EQ(Cut(line, holes, {"absent"}), "{}");
  EXPECT_EQ(Cut(R"({ "a" : 1 , "status" : "*" , "b":2 } )", {Text()}), R"({"status" : "*" } )");
}

TEST(JsonOutlineTest, KeysAreWantedByTheirLabels) {
  EXPECT_EQ(Cut(R"({"http.status":1,"http-status":2,"x":3})", {}, {"http_status"}),
            R"({"http.status":1,"http-status":2})");
  EXPECT_EQ(Cut(R"({"status":1,"x":3})", {}, {"status_extracted"}), R"({"status":1})");
  EXPECT_EQ(Cut(R"({"st\u0061tus":1,"x":3})", {}), R"({"st\u0061tus":1})");
  EXPECT_EQ(Cut(R"({"*":1,"x":3})", {Text()}), R"({"*":1})");
  EXPECT_EQ(Cut(R"({"":1,"x":3})", {}), "{}");
}

TEST(JsonOutlineTest, LeavesOutLiteralsThatAreSuch) {
  EXPECT_EQ(Cut(R"({"a":true,"b":null,"c":-1.5e3,"d":12ab})", {}), "{}");
  EXPECT_EQ(Cut(R"({"a":nil,"b":1})", {}), R"({"a":nil})");
  EXPECT_EQ(Cut(R"({"a"*,"b":*,"c": *})", {Listed({":1", ":true"}), Number("-"), Number("")}),
            "{}");
  EXPECT_EQ(Cut(R"({"a"*,"b":1})", {Listed({":1", ":x"})}), R"({"a"*})");
  EXPECT_EQ(Cut(R"({"a"*,"b":1})", {Listed({":1", "1"})}), R"({"a"*})");
  EXPECT_EQ(Cut(R"({"a"*,"b":1})", {Number(":x")}), R"({"a"*})");
  EXPECT_EQ(Cut(R"({"a"*,"b":1})", {Text()}), R"({"a"*})");
}

// A backslash at the end of the last text makes the quote behind it part of that text.
TEST(JsonOutlineTest, KeepsLastTextThatMayNotEnd) {
  EXPECT_EQ(Cut(R"({"a":"*","msg":"*"})", {Text(), Text()}), R"({"msg":"*"})");
  EXPECT_EQ(Cut(R"({"a":"*","msg":"*"})", {Text(), PlainText()}), "{}");
  EXPECT_EQ(Cut(R"({"a":"*","o":{"msg":"*"}})", {Text(), Text()}), R"({"o":{"msg":"*"}})");
  EXPECT_EQ(Cut(R"({"a":"\\","msg":"x\"y"})", {}), "{}");
}

TEST(JsonOutlineTest, ReadsNestedValues) {
  const std::string line = R"({"o":{"t":"*","n":[1,{"x":2}]},"a":[[*],"]"],"z"*})";
  const std::vector<Hole> holes = {Text(), Text(), Number(":")};
  EXPECT_EQ(Cut(line, holes), "{}");
  EXPECT_EQ(Cut(line, holes, {"o_t"}), R"({"o":{"t":"*","n":[1,{"x":2}]}})");
  EXPECT_EQ(Cut(line, holes, {"a", "z"}), R"({"a":[[*],"]"],"z"*})");
  // What parsers pass over may be anything between brackets; what they look into may not.
  EXPECT_EQ(Cut(R"({"o":{"t" 1 "x"},"z":1})", {}), "{}");
  EXPECT_EQ(Cut(R"({"o":{"t" 1 "x"},"z":1})", {}, {"o_t"}), kWhole);
  EXPECT_EQ(Cut(R"({"a":[1 2],"z":1})", {}, {"a"}), kWhole);
  EXPECT_EQ(Cut(R"({"o":{},"a":[],"z":1})", {}, {"a", "o_t"}), R"({"o":{},"a":[]})");
}

TEST(JsonOutlineTest, WhatIsNoObjectComesWhole) {
  for (const char* line : {"",
                           "*",
                           "[1]",
                           "{",
                           "{}",
                           R"({"a")",
                           R"({"a":)",
                           R"({"a":1)",
                           R"({"a":1,)",
                           R"({"a":1,})",
                           R"({"a" 1})",
                           R"({a:1})",
                           R"({"a":"x})",
                           R"({"a":"x"y"z"})",
                           R"({"a":{"b":1})",
                           R"({"a":1 2})",
                           R"({"a":1"b":2})",
                           R"({"a":*"x"})",
                           R"({"a":"*x"})",
                           R"({"a":1*})",
                           R"({"a":"\*"})"}) {
    EXPECT_EQ(Cut(line, {Text()}), kWhole) << line;
  }
  const std::string deep = R"({"o":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_EQ(Cut(deep, {}, {"o"}), kWhole);
  EXPECT_EQ(Cut(deep, {}), "{}");
}

}  // namespace
}  // namespace skald::logql
