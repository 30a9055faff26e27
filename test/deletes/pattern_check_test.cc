#include "deletes/pattern_check.h"

#include <gtest/gtest.h>

#include <string>

#include "deletes/compiled_request.h"
#include "support/matchers.h"

namespace skald::deletes {
namespace {

const model::Labels kStream{{"app", "a"}};

bool MaySelect(const std::string& stages, const std::string& pattern,
               const std::string& level = "info", const model::Labels& stream = kStream) {
  const auto request = CompiledRequest::Make("{app=\"a\"} " + stages);
  EXPECT_THAT(request, test::IsOk()) << stages;
  return (*request)->patterns().MaySelect(stream, level, pattern);
}

TEST(PatternCheckTest, WholeLinesAreHeldAgainstTheLineFilters) {
  const struct {
    const char* stages;
    bool may;
  } rows[] = {
      {"", true},
      {"|= \"secret\"", true},
      {"|= \"other\"", false},
      {"|= \"other\" or \"key\"", true},
      {"!= \"secret\"", false},
      {"!= \"other\"", true},
      {"|~ \"sec.*key\"", true},
      {"|~ \"key.*sec\"", false},
      {"!~ \"sec.*key\"", false},
      {"|> \"the <_> key\"", true},
      {"!> \"the <_> key\"", false},
      {"|= \"secret\" |= \"other\"", false},
      {"|= ip(\"10.0.0.0/8\")", false},
      {"| trace=\"1\"", true},
      {"| trace=\"1\" |= \"other\"", false},
      {"| json | n=1", true},
      {"| line_format \"{{.n}}\" |= \"other\"", true},
  };
  for (const auto& row : rows)
    EXPECT_EQ(MaySelect(row.stages, "the secret key"), row.may) << row.stages;
}

TEST(PatternCheckTest, PlaceholdersMayStandForAnything) {
  const struct {
    const char* stages;
    bool may;
  } rows[] = {
      {"|= \"secret\"", true},
      {"|= \"other\"", true},
      {"|~ \"^x\"", true},
      {"|> \"a <_>\"", true},
      {"!= \"the\"", false},
      {"!= \"key\"", false},
      {"!= \"other\" or \"e k\"", true},
      {"!= \"other\"", true},
      {"!~ \"the\"", true},
      {"!= \"other\" or \" key\"", false},
      {"!= ip(\"1.2.3.4\")", true},
  };
  for (const auto& row : rows)
    EXPECT_EQ(MaySelect(row.stages, "the <_> key"), row.may) << row.stages;
}

TEST(PatternCheckTest, LevelsAreKnownButForUnknownOnes) {
  const std::string stages = "| detected_level=\"debug\"";
  EXPECT_TRUE(MaySelect(stages, "x", "debug"));
  EXPECT_FALSE(MaySelect(stages, "x", "info"));
  EXPECT_TRUE(MaySelect(stages, "x", "unknown"));
  EXPECT_TRUE(MaySelect(stages, "x", "info", {{"app", "a"}, {"detected_level", "debug"}}));
  EXPECT_FALSE(MaySelect(stages + " |= \"y\"", "x", "debug"));
  EXPECT_TRUE(MaySelect("| json " + stages, "x", "info"));
  EXPECT_TRUE(MaySelect("| detected_level=\"debug\" or trace=\"1\"", "x", "info"));
}

}  // namespace
}  // namespace skald::deletes
