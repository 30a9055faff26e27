#include "notify/aws_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::HasSubstr;

Result<AwsOptions> CompileAws(const char* yaml, const AwsEnvironment& environment = {}) {
  return CompileSigv4(ParseYaml(yaml).value(), environment);
}

TEST(AwsCredentialsTest, PrefersWhatIsSaidToTheEnvironment) {
  const AwsEnvironment environment{.keys = {.access_key = "ea", .secret_key = "es"},
                                   .region = "er",
                                   .profile = "ep",
                                   .credentials_file = "/keys"};
  const struct {
    const char* yaml;
    const char* region;
    const char* access_key;
    const char* profile;
  } cases[] = {
      {"{region: r, access_key: a, secret_key: s}", "r", "a", ""},
      {"{profile: p}", "er", "", "p"},
      {"{}", "er", "ea", "ep"},
  };
  for (const auto& c : cases) {
    const auto options = CompileAws(c.yaml, environment);
    ASSERT_THAT(options, IsOk());
    EXPECT_EQ(options->region, c.region) << c.yaml;
    EXPECT_EQ(options->keys.access_key, c.access_key) << c.yaml;
    EXPECT_EQ(options->profile, c.profile) << c.yaml;
    EXPECT_EQ(options->credentials_file, "/keys");
  }
  EXPECT_EQ(CompileAws("{region: r}")->profile, "default");
}

TEST(AwsCredentialsTest, NamesWhatIsWrong) {
  const struct {
    const char* yaml;
    const char* text;
  } cases[] = {
      {"{region: r, role_arn: 'arn:aws:iam::1:role/x'}", "sigv4: role_arn is not supported"},
      {"{region: r, access_key: a}", "sigv4: access_key and secret_key must be configured"},
      {"{region: r, secret_key: a}", "sigv4: access_key and secret_key must be configured"},
      {"{access_key: a, secret_key: s}", "sigv4: region is not configured"},
      {"{regoin: r}", "region"},
  };
  for (const auto& c : cases) {
    const auto options = CompileAws(c.yaml);
    EXPECT_THAT(options, HasCode(StatusCode::kInvalidArgument)) << c.yaml;
    EXPECT_THAT(options, HasMessage(HasSubstr(c.text)));
  }
}

TEST(AwsCredentialsTest, ReadsAProfile) {
  test::FaultyFileSystem files;
  ASSERT_THAT(files.AtomicWrite("/keys",
                                "# keys\n[default]\naws_access_key_id = d\n"
                                "aws_secret_access_key = ds=\r\n\n[ p ]\n"
                                "aws_access_key_id=p\naws_secret_access_key=ps\n"
                                "aws_session_token = t\n[half]\naws_access_key_id=h"),
              IsOk());
  const auto load = [&files](const char* profile) {
    return LoadAwsKeys({.region = "r", .profile = profile, .credentials_file = "/keys"}, files);
  };
  ASSERT_THAT(load("default"), IsOk());
  EXPECT_EQ(load("default")->access_key, "d");
  EXPECT_EQ(load("default")->secret_key, "ds=");
  EXPECT_EQ(load("default")->session_token, "");
  ASSERT_THAT(load("p"), IsOk());
  EXPECT_EQ(load("p")->secret_key, "ps");
  EXPECT_EQ(load("p")->session_token, "t");
  EXPECT_THAT(load("half"), HasMessage("sigv4: /keys: no keys of profile \"half\""));
  EXPECT_THAT(load("none"), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(LoadAwsKeys({.profile = "p", .credentials_file = "/no"}, files),
              HasMessage(HasSubstr("sigv4: keys of profile \"p\": ")));
}

TEST(AwsCredentialsTest, ReadsTheEnvironment) {
  for (const char* name : {"AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY",
                           "AWS_SESSION_TOKEN", "AWS_PROFILE"}) {
    unsetenv(name);
  }
  setenv("AWS_ACCESS_KEY_ID", "a", 1);
  setenv("AWS_SECRET_KEY", "s", 1);
  setenv("AWS_DEFAULT_REGION", "r", 1);
  unsetenv("AWS_SHARED_CREDENTIALS_FILE");
  const AwsEnvironment environment = ReadAwsEnvironment();
  unsetenv("AWS_ACCESS_KEY_ID");
  unsetenv("AWS_SECRET_KEY");
  unsetenv("AWS_DEFAULT_REGION");
  EXPECT_EQ(environment.keys.access_key, "a");
  EXPECT_EQ(environment.keys.secret_key, "s");
  EXPECT_EQ(environment.region, "r");
  EXPECT_THAT(environment.credentials_file, testing::EndsWith("/.aws/credentials"));
  setenv("AWS_SHARED_CREDENTIALS_FILE", "/keys", 1);
  EXPECT_EQ(ReadAwsEnvironment().credentials_file, "/keys");
  unsetenv("AWS_SHARED_CREDENTIALS_FILE");
}

}  // namespace
}  // namespace skald::notify
