#include "distributor/profile_cache.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/matchers.h"

namespace skald::distributor {
namespace {

using test::HasCode;
using test::IsOk;

class ProfileCacheTest : public testing::Test {
 protected:
  // A profile in the cache, or made for it; they are told apart by their address.
  std::shared_ptr<const StreamProfile> Get(uint64_t rules_id, const StreamContext& context,
                                           const model::PushStream& stream) {
    auto profile = cache_.Get(rules_, rules_id, context, stream);
    EXPECT_THAT(profile, IsOk());
    return *profile;
  }

  const PushRules rules_{std::make_shared<const Limits>()};
  ProfileCache cache_{1 << 20};
  const model::PushStream stream_ = {.label_text = R"({a="b"})"};
};

TEST_F(ProfileCacheTest, WorksAProfileOutOnce) {
  EXPECT_EQ(Get(1, {}, stream_), Get(1, {}, stream_));
  EXPECT_EQ(Get(1, {}, stream_)->labels->ToString(), R"({a="b", service_name="unknown_service"})");
}

TEST_F(ProfileCacheTest, TellsRulesContextsAndFormsOfLabelsApart) {
  const auto first = Get(1, {}, stream_);
  EXPECT_NE(Get(2, {}, stream_), first);
  EXPECT_NE(Get(1, {.policy = "p"}, stream_), first);
  EXPECT_NE(Get(1, {.backfill_shard = "p"}, stream_), first);
  const auto labels = std::make_shared<const model::Labels>(model::Labels{{"a", "b"}});
  EXPECT_NE(Get(1, {}, {.labels = labels}), first);
  EXPECT_EQ(Get(1, {}, stream_), first);
}

TEST_F(ProfileCacheTest, KeepsNoFailures) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(cache_.Get(rules_, 1, {}, {.label_text = "{"}),
                HasCode(StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace skald::distributor
