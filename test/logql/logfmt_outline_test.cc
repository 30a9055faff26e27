#include "logql/stages/logfmt_outline.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "logql/outlines.h"

namespace skald::logql {
namespace {

using test::Hole;
using test::Number;
using test::PlainText;
using test::Text;

constexpr const char* kWhole = "whole";

std::string Cut(const std::string& text, std::vector<Hole> holes,
                std::vector<std::string> labels = {"status"}) {
  const model::LineOutline outline = test::OutlineOf(text, std::move(holes));
  std::vector<model::LineExcerpt::Range> kept;
  const FieldKeys fields{.labels = {.all = false, .names = std::move(labels)}, .keys = {}};
  return CutLogfmt(outline, fields, kept) ? test::Kept(outline, kept) : kWhole;
}

TEST(LogfmtOutlineTest, KeepsPairsThatAreAskedFor) {
  const std::string line = R"(ts=* msg="*" status=* took=*ms )";
  const std::vector<Hole> holes = {PlainText(), PlainText(), Number(""), Number("")};
  EXPECT_EQ(Cut(line, holes), "status=* ");
  EXPECT_EQ(Cut(line, holes, {"msg", "took"}), R"(msg="*" took=*ms )");
  EXPECT_EQ(Cut(line, holes, {"absent"}), "");
  EXPECT_EQ(Cut("a=1 http.status=2", {}, {"http_status"}), "http.status=2");
  EXPECT_EQ(Cut("a status= b= status", {}), "status= status");
}

// Such may hold what ends a value.
TEST(LogfmtOutlineTest, KeepsTextThatIsNotPlain) {
  EXPECT_EQ(Cut("a=* b=* c=1", {Text(), PlainText()}), "a=* ");
  EXPECT_EQ(Cut("* b=1", {Text()}), "* ");
  EXPECT_EQ(Cut("* b=1", {PlainText()}), "* ");
  EXPECT_EQ(Cut("a=b=c d=1", {}), "");
  EXPECT_EQ(Cut("a=b=* d=1", {Text()}), "a=b=* ");
  EXPECT_EQ(Cut("=x d=1", {}), "=x ");
}

// A backslash at the end of the last text makes the quote behind it part of that text.
TEST(LogfmtOutlineTest, KeepsLastTextThatMayNotEnd) {
  EXPECT_EQ(Cut(R"(a="*" b="*" c=1)", {Text(), Text()}), R"(b="*" )");
  EXPECT_EQ(Cut(R"(a="*" b="*" c=1)", {Text(), PlainText()}), "");
  EXPECT_EQ(Cut(R"(a="x\"y" b=1)", {}), "");
}

TEST(LogfmtOutlineTest, QuotesInOtherPlacesComeWhole) {
  for (const char* line : {R"("a" b=1)", R"(a"b" c=1)", R"(a="x"y b=1)", R"(a=x"y" b=1)",
                           R"(a="x b=1)", R"(="x y" b=1)", R"(a="*x")", R"(a="x*")", R"(a="\*")"}) {
    EXPECT_EQ(Cut(line, {Text()}), kWhole) << line;
  }
}

}  // namespace
}  // namespace skald::logql
