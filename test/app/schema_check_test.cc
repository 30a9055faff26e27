#include "app/schema_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/matchers.h"

namespace skald::app {
namespace {

Status Check(std::string_view yaml) { return CheckSchemas(*ParseYaml(yaml)); }

TEST(SchemaCheckTest, TakesSchemasOfAnyAge) {
  EXPECT_THAT(CheckSchemas(ConfigNode()), test::IsOk());
  EXPECT_THAT(Check("[{from: 2019-01-01, store: boltdb, object_store: filesystem, schema: v11, "
                    "index: {prefix: index_, period: 168h, tags: {a: b}}, row_shards: 16},\n"
                    " {from: '2024-04-01', store: tsdb, object_store: s3, schema: v13, index: "
                    "{prefix: loki_, period: 1d, path_prefix: index/}, chunks: {prefix: c}}]"),
              test::IsOk());
}

TEST(SchemaCheckTest, NamesTheEntryThatIsWrong) {
  const struct {
    std::string_view yaml;
    std::string_view message;
  } kRows[] = {
      {"[{from: 2024-04-01}, {from: 2024-04-01}]",
       "schema_config.configs[1]: from time in schemas must be distinct and in increasing order: "
       "2024-04-01"},
      {"[{from: 2024-04-01, schema: v3}]", "schema_config.configs[0]: invalid schema version: v3"},
      {"[{from: 2024-04-01, store: tsdb, index: {period: 168h}}]",
       "schema_config.configs[0]: tsdb must always have periodic config for index set to 24h: it "
       "is 168h"},
      {"[{from: 2024-04-01, object_stor: s3}]",
       "failed parsing config: schema_config.configs[0]: line 1: field object_stor not found in "
       "the document; did you mean object_store?"},
      {"[{from: yesterday}]",
       "schema_config.configs[0]: from: 'yesterday' is no date as 2024-01-31"},
      {"[{from: 2023-02-29}]",
       "schema_config.configs[0]: from: '2023-02-29' is no date as 2024-01-31"},
      {"{from: 2024-01-01}", "schema_config.configs: a list is wanted"},
      {"[tsdb]", "schema_config.configs[0]: the document is no map of settings"},
  };
  for (const auto& row : kRows) EXPECT_EQ(Check(row.yaml).message(), row.message) << row.yaml;
}

}  // namespace
}  // namespace skald::app
