#include "querier/detected_labels.h"

#include <gtest/gtest.h>

#include <string_view>

namespace skald::querier {
namespace {

bool Worth(std::string_view name, const TextList& values) { return IsWorthPicking(name, values); }

TEST(DetectedLabels, NamesThatPeoplePickBy) {
  EXPECT_TRUE(Worth("team", {"core", "web"}));
  EXPECT_TRUE(Worth("mix", {"1", "2", "x"}));
  EXPECT_TRUE(Worth("pod", {"1", "2", "3"}));
  EXPECT_TRUE(Worth("cluster", {"3c1a6c4e-1d2b-4f3a-8b1c-012345678900"}));
}

TEST(DetectedLabels, IdsAreNotPickedBy) {
  EXPECT_FALSE(Worth("user", {"1", "2", "3.5"}));
  EXPECT_FALSE(Worth("trace", {"3c1a6c4e-1d2b-4f3a-8b1c-012345678900", "17"}));
  EXPECT_TRUE(Worth("trace", {"3c1a6c4e-1d2b-4f3a-8b1c-01234567890"}));
  EXPECT_FALSE(Worth("pod", {}));
}

TEST(DetectedLabels, SwitchesArePickedBy) {
  EXPECT_TRUE(Worth("flag", {"0", "1"}));
  EXPECT_TRUE(Worth("flag", {"1"}));
  EXPECT_FALSE(Worth("flag", {"0", "1", "2"}));
}

}  // namespace
}  // namespace skald::querier
