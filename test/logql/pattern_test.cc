#include "logql/pattern.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::HasMessage;
using test::IsOk;

// Literals as they are, placeholders as <name>, with bars between.
std::string Shown(const std::vector<PatternPart>& parts) {
  std::string out;
  for (const PatternPart& part : parts) {
    if (!out.empty()) out += '|';
    out += part.placeholder ? "<" + part.text + ">" : part.text;
  }
  return out;
}

TEST(PatternTest, SplitsLiteralsFromPlaceholders) {
  const struct {
    const char* text;
    const char* parts;
  } rows[] = {
      {"", ""},
      {"abc", "abc"},
      {"<a>", "<a>"},
      {"<ip> - <_> [<ts>]", "<ip>| - |<_>| [|<ts>|]"},
      {"<a1_b>x", "<a1_b>|x"},
      // No names, hence literals.
      {"<1a> <a b> <> <a", "<1a> <a b> <> <a"},
      {"<<a>>", "<|<a>|>"},
      {"<a", "<a"},
  };
  for (const auto& row : rows) EXPECT_EQ(Shown(SplitPattern(row.text)), row.parts) << row.text;
}

TEST(PatternTest, CapturesMustBeThereApartAndDistinct) {
  EXPECT_THAT(ParseCapturePattern("<a> <_> <b>"), IsOk());
  EXPECT_THAT(ParseCapturePattern("<_> <_> <b>"), IsOk());
  EXPECT_THAT(ParseCapturePattern("x"), HasMessage("at least one capture is required"));
  EXPECT_THAT(ParseCapturePattern("<_>"), HasMessage("at least one capture is required"));
  EXPECT_THAT(ParseCapturePattern("<a><_>"),
              HasMessage("found consecutive capture '<a><_>': invalid expression"));
  EXPECT_THAT(ParseCapturePattern("<a> <a>"),
              HasMessage("duplicate capture name (<a>): invalid expression"));
}

TEST(PatternTest, LinePatternsCaptureNothing) {
  EXPECT_THAT(ParseLinePattern(""), IsOk());
  EXPECT_THAT(ParseLinePattern("a <_> b"), IsOk());
  EXPECT_THAT(ParseLinePattern("a <x>"), HasMessage("named captures are not allowed: found '<x>'"));
  EXPECT_THAT(ParseLinePattern("<_><_>"),
              HasMessage("found consecutive capture '<_><_>': invalid expression"));
}

}  // namespace
}  // namespace skald::logql
