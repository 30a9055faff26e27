#include "wire/otlp_mapping.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "support/matchers.h"

namespace skald::wire {
namespace {

using test::HasMessage;
using test::IsOk;

Result<OtlpMapping> Compile(std::string_view yaml) {
  return OtlpMapping::Compile(*ParseYaml(yaml), {.index_labels = {"service.name"}});
}

TEST(OtlpMappingTest, TakesTheFirstRuleThatMatches) {
  const auto mapping = Compile(R"(
resource_attributes:
  attributes_config:
    - {action: index_label, attributes: [team, both]}
    - {action: drop, attributes: [both, idx.never]}
    - {action: index_label, regex: 'idx\..*|^anchored$'}
    - {action: drop, regex: '.*never'}
    - {attributes: [plain]}
)");
  ASSERT_THAT(mapping, IsOk());
  struct Row {
    std::string_view name;
    OtlpAction action;
  };
  const std::vector<Row> rows = {
      {"service.name", OtlpAction::kLabel}, {"team", OtlpAction::kLabel},
      {"both", OtlpAction::kLabel},         {"idx.never", OtlpAction::kDrop},
      {"idx.a", OtlpAction::kLabel},        {"xidx.a", OtlpAction::kMetadata},
      {"anchored", OtlpAction::kLabel},     {"anchored2", OtlpAction::kMetadata},
      {"x.never", OtlpAction::kDrop},       {"plain", OtlpAction::kMetadata},
      {"other", OtlpAction::kMetadata},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(mapping->resource().ActionFor(row.name), row.action) << row.name;
    EXPECT_EQ(mapping->record().ActionFor(row.name), OtlpAction::kMetadata) << row.name;
  }
}

TEST(OtlpMappingTest, LeavesTheDefaultsOutWhenTold) {
  const auto mapping = Compile("resource_attributes: {ignore_defaults: true}");
  ASSERT_THAT(mapping, IsOk());
  EXPECT_EQ(mapping->resource().ActionFor("service.name"), OtlpAction::kMetadata);
}

TEST(OtlpMappingTest, RefusesRulesThatSayNothingOrTooMuch) {
  struct Row {
    std::string_view yaml;
    std::string_view message;
  };
  const std::vector<Row> rows = {
      {"log_attributes: [{action: drop}]",
       "otlp_config: log_attributes: attributes or regex must be set"},
      {"log_attributes: [{action: drop, attributes: [a], regex: b}]",
       "otlp_config: log_attributes: only one of attributes or regex must be set"},
      {"log_attributes: [{action: keep, attributes: [a]}]",
       "otlp_config: log_attributes: unsupported action, it must be one of: drop, index_label, "
       "structured_metadata"},
      {"scope_attributes: [{action: index_label, attributes: [a]}]",
       "otlp_config: scope_attributes: index_label action is only supported for "
       "resource_attributes"},
      {"scope_attributes: [{action: drop, regex: '['}]",
       "otlp_config: scope_attributes: error parsing regexp: missing closing ]: `[`"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(Compile(row.yaml), HasMessage(std::string(row.message))) << row.yaml;
  }
}

}  // namespace
}  // namespace skald::wire
