#include "logql/stages/json_scalars.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace skald::logql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "label=key/key" of each scalar.
std::vector<std::string> List(std::string_view line) {
  std::vector<std::string> texts;
  for (const JsonScalar& scalar : ListJsonScalars(line)) {
    std::string text = scalar.label + '=';
    for (const std::string& key : scalar.path) {
      text += (text.back() == '=' ? "" : "/") + key;
    }
    texts.push_back(text);
  }
  return texts;
}

TEST(JsonScalars, PathsOfNestedKeys) {
  EXPECT_THAT(List(R"({"a":1,"b":{"c d":{"e":"x"},"f":true},"1g":2.5})"),
              ElementsAre("a=a", "b_c_d_e=b/c d/e", "b_f=b/f", "_1g=1g"));
}

TEST(JsonScalars, KeysAreUnescaped) { EXPECT_THAT(List(R"({"a\"b":1})"), ElementsAre("a_b=a\"b")); }

TEST(JsonScalars, NullsAndArraysAreNone) {
  EXPECT_THAT(List(R"({"a":null,"b":[{"c":1}],"d":{}," ":1,"e":0})"), ElementsAre("e=e"));
}

TEST(JsonScalars, ABrokenLineGivesWhatCameBefore) {
  EXPECT_THAT(List(R"({"a":1,"b":)"), ElementsAre("a=a"));
  EXPECT_THAT(List(R"({"a":{"b":1)"), ElementsAre("a_b=a/b"));
  EXPECT_THAT(List(R"({"a" 1})"), IsEmpty());
  EXPECT_THAT(List("[1]"), IsEmpty());
  EXPECT_THAT(List(""), IsEmpty());
}

TEST(JsonScalars, DeepNestingIsBounded) {
  std::string line;
  for (int i = 0; i < 100000; ++i) {
    line += R"({"a":)";
  }
  EXPECT_THAT(List(line), IsEmpty());
}

}  // namespace
}  // namespace skald::logql
