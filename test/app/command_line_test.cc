#include "app/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/matchers.h"

namespace skald::app {
namespace {

using test::HasCode;
using test::IsOk;

TEST(CommandLineTest, TakesFlagsAsChartsSpellThem) {
  const auto line = ParseCommandLine({"-config.file=a.yaml", "-config.expand-env=true",
                                      "-target=all", "--verify-config", "-print-config-stderr",
                                      "--health.url", "http://h/ready"});
  ASSERT_THAT(line, IsOk());
  EXPECT_EQ(line->config_files, "a.yaml");
  EXPECT_TRUE(line->expand_env);
  EXPECT_TRUE(line->verify_config);
  EXPECT_TRUE(line->print_config);
  EXPECT_EQ(line->health_url, "http://h/ready");
  EXPECT_EQ(line->settings, std::vector<std::string>{"-target=all"});
}

TEST(CommandLineTest, RefusesSwitchesThatAreNeitherOnNorOff) {
  const auto line = ParseCommandLine({"-verify-config=perhaps"});
  EXPECT_THAT(line, HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(line.status().message(), "invalid boolean value \"perhaps\" for -verify-config");
  EXPECT_EQ(ParseCommandLine({"-config.file"}).status().message(),
            "flag needs an argument: -config.file");
}

TEST(CommandLineTest, ListsEachOfItsFlags) {
  const std::string help = CommandLineHelp();
  for (const char* flag :
       {"-config.file", "-verify-config", "-help-config", "-version", "-health"}) {
    EXPECT_NE(help.find(std::string("  ") + flag + "\n"), std::string::npos) << flag;
  }
}

}  // namespace
}  // namespace skald::app
