#include "app/app_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "support/temp_folder.h"

namespace skald::app {
namespace {

using testing::HasSubstr;

class AppConfigTest : public testing::Test {
 protected:
  Status Load(const std::string& yaml) {
    const std::string path = folder_.path() + "/skald.yaml";
    std::ofstream(path) << yaml;
    return configuration_.Load(path, /*expand_env=*/false, {});
  }

  const test::TempFolder folder_;
  Configuration configuration_;
};

TEST_F(AppConfigTest, SuggestsTheNearestNameForMistakesInAnySection) {
  const struct {
    const char* yaml;
    const char* nearest;
  } kRows[] = {
      {"serverr: {http_listen_port: 1}", "server"},
      {"limit_config: {max_line_size: 1}", "limits_config"},
      {"compactor: {retention_enable: true}", "compactor.retention_enabled"},
      {"ruler: {remote_wirte: {enabled: true}}", "ruler.remote_write"},
      {"querier: {max_concurent: 8}", "querier.max_concurrent"},
  };
  for (const auto& row : kRows) {
    EXPECT_THAT(std::string(Load(row.yaml).message()),
                HasSubstr(std::string("did you mean ") + row.nearest + "?"))
        << row.yaml;
  }
}

}  // namespace
}  // namespace skald::app
