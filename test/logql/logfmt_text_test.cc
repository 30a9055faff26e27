#include "logql/stages/logfmt_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace skald::logql {
namespace {

// The pairs of a line as key<value>, errors in place of those that are malformed.
std::string ReadLogfmt(std::string_view line) {
  TextArena arena;
  LogfmtReader reader(arena);
  reader.Begin(line);
  std::string out;
  while (!reader.AtEnd()) {
    if (reader.Next()) {
      out += std::string(reader.key()) + "<" + std::string(reader.value()) + "> ";
    } else if (reader.error() != LogfmtReader::Error::kNone) {
      out += "! " + std::string(reader.ErrorText()) + " ! ";
    }
  }
  if (!out.empty()) out.pop_back();
  return out;
}

TEST(LogfmtTextTest, ReadsPairs) {
  const struct {
    std::string_view line;
    const char* pairs;
  } rows[] = {
      {"", ""},
      {"   ", ""},
      {"a=1", "a<1>"},
      {"a=1 b=2\tc=3\nd=4", "a<1> b<2> c<3> d<4>"},
      {"  a=1  ", "a<1>"},
      {"bare", "bare<>"},
      {"bare a=1", "bare<> a<1>"},
      {"a= b=2", "a<> b<2>"},
      {"a=", "a<>"},
      {R"(a="x y" b=1)", "a<x y> b<1>"},
      {R"(a="" b=1)", "a<> b<1>"},
      {R"(a="say \"hi\"\n" b)", "a<say \"hi\"\n> b<>"},
      {"caf\xc3\xa9=\xff", "caf\xc3\xa9<\xff>"},
      {"a.b-c/d=1", "a.b-c/d<1>"},
      {R"(a="x"b=1)", "a<x> b<1>"},
  };
  for (const auto& row : rows) EXPECT_EQ(ReadLogfmt(row.line), row.pairs) << row.line;
}

TEST(LogfmtTextTest, GoesOnBehindMalformedPairs) {
  const struct {
    const char* line;
    const char* pairs;
  } rows[] = {
      {"=x a=1", "! logfmt syntax error at pos 1 : unexpected '=' ! a<1>"},
      {"a=1 =", "a<1> ! logfmt syntax error at pos 5 : unexpected '=' !"},
      {"a=b=c d=1", "! logfmt syntax error at pos 4 : unexpected '=' ! d<1>"},
      {R"(a"b=1 c=2)", "! logfmt syntax error at pos 2 : unexpected '\"' ! c<2>"},
      {R"(a=b"c d=1)", "! logfmt syntax error at pos 4 : unexpected '\"' ! d<1>"},
      {R"(a="never ends)", "! logfmt syntax error at pos 14 : unterminated quoted value !"},
      {R"(a="\q" b=1)", "! logfmt syntax error at pos 7 : invalid quoted value ! b<1>"},
  };
  for (const auto& row : rows) EXPECT_EQ(ReadLogfmt(row.line), row.pairs) << row.line;
}

}  // namespace
}  // namespace skald::logql
