#include "api/otlp_mappings.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/matchers.h"

namespace skald::api {
namespace {

using test::HasCode;
using test::IsOk;
using wire::OtlpAction;

// Limits that a test replaces, as a reload does.
class ReplacedLimits final : public LimitsSource {
 public:
  std::shared_ptr<const Limits> For(std::string_view) const override { return limits_; }
  void Replace(std::string_view otlp_config) {
    Limits limits;
    limits.otlp_config = *ParseYaml(otlp_config);
    limits_ = std::make_shared<const Limits>(limits);
  }

 private:
  std::shared_ptr<const Limits> limits_ = std::make_shared<const Limits>();
};

class OtlpMappingsTest : public testing::Test {
 protected:
  ReplacedLimits limits_;
  OtlpMappings mappings_{limits_, {"service.name"}};
};

TEST_F(OtlpMappingsTest, MakesAMappingOnceForEachSetOfLimits) {
  const auto first = mappings_.For(model::TenantId("a"));
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ((*first)->resource().ActionFor("service.name"), OtlpAction::kLabel);
  EXPECT_EQ(*mappings_.For(model::TenantId("b")), *first);
}

TEST_F(OtlpMappingsTest, MakesAnotherWhenLimitsChange) {
  const auto before = mappings_.For(model::TenantId("a"));
  ASSERT_THAT(before, IsOk());
  limits_.Replace("resource_attributes: {ignore_defaults: true}");
  const auto after = mappings_.For(model::TenantId("a"));
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ((*after)->resource().ActionFor("service.name"), OtlpAction::kMetadata);
  EXPECT_EQ((*before)->resource().ActionFor("service.name"), OtlpAction::kLabel);
}

TEST_F(OtlpMappingsTest, RefusesLimitsThatNoCheckHasSeen) {
  limits_.Replace("log_attributes: [{action: keep, attributes: [a]}]");
  EXPECT_THAT(mappings_.For(model::TenantId("a")), HasCode(StatusCode::kInternal));
}

}  // namespace
}  // namespace skald::api
