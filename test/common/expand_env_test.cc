#include "common/expand_env.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace skald {
namespace {

TEST(ExpandEnvTest, ReplacesVariables) {
  const std::map<std::string, std::string> env = {
      {"A", "1"}, {"EMPTY", ""}, {"PATHS", "a/b/a"}, {"UP", "UP"}};
  const auto lookup = [&](const std::string& name) -> const char* {
    const auto it = env.find(name);
    return it == env.end() ? nullptr : it->second.c_str();
  };
  const struct {
    const char* text;
    const char* expanded;
  } kRows[] = {
      {"x: ${A}", "x: 1"},
      {"$A$A", "11"},
      {"${B:-two}", "two"},
      {"${EMPTY:-two}", "two"},
      {"${B:=three}", "three"},
      {"${A:-two}", "1"},
      {"cost: $$5", "cost: $5"},
      {"${B}", ""},
      {"${B:-http://h/x}", "http://h/x"},
      {"${PATHS/a/xa}", "xa/b/a"},
      {"${PATHS//a/xa}", "xa/b/xa"},
      {"${PATHS/b}", "a//a"},
      {"${PATHS/c/x}", "a/b/a"},
      {"a$", "a$"},
      {"${B:four}", "four"},
      {"${B=five}", "five"},
      {"${B:-${A}}:${C:-${D:-${A}0}}", "1:10"},
      {"${A:-${B}}}", "1}"},
      {"${B:-}", ""},
      {"${PATHS^}${PATHS^^}", "A/b/aA/B/A"},
      {"${UP,}${UP,,}", "uPup"},
      {"${EMPTY^^}", ""},
  };
  for (const auto& row : kRows) EXPECT_EQ(*ExpandEnv(row.text, lookup), row.expanded) << row.text;
  for (const char* text :
       {"${A", "${B:-${A}", "${A#x}", "${A%x}", "${#A}", "${B:?no}", "${A:+x}", "${A, b}"}) {
    EXPECT_FALSE(ExpandEnv(text, lookup).ok()) << text;
  }
}

}  // namespace
}  // namespace skald
