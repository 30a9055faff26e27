#include "notify/aws_credentials.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config.h"

namespace skald::notify {
namespace {

std::string Variable(const char* name, const char* older = nullptr) {
  const char* value = std::getenv(name);
  if ((value == nullptr || *value == '\0') && older != nullptr) value = std::getenv(older);
  return value == nullptr ? "" : value;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  const size_t end = text.find_last_not_of(kBlanks);
  return text.substr(begin, end == text.npos ? 0 : end + 1 - begin);
}

// Of a file as
//   [default]
//   aws_access_key_id = AKIA...
//   aws_secret_access_key = ...
AwsKeys KeysOf(std::string_view text, std::string_view profile) {
  AwsKeys keys;
  bool inside = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with('[') && line.ends_with(']')) {
      inside = Trim(line.substr(1, line.size() - 2)) == profile;
      continue;
    }
    const size_t equal = line.find('=');
    if (!inside || equal == line.npos) continue;
    const std::string_view name = Trim(line.substr(0, equal));
    const std::string_view value = Trim(line.substr(equal + 1));
    if (name == "aws_access_key_id") keys.access_key = value;
    if (name == "aws_secret_access_key") keys.secret_key = value;
    if (name == "aws_session_token") keys.session_token = value;
  }
  return keys;
}

}  // namespace

AwsEnvironment ReadAwsEnvironment() {
  AwsEnvironment e{.keys = {.access_key = Variable("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"),
                            .secret_key = Variable("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"),
                            .session_token = Variable("AWS_SESSION_TOKEN")},
                   .region = Variable("AWS_REGION", "AWS_DEFAULT_REGION"),
                   .profile = Variable("AWS_PROFILE"),
                   .credentials_file = Variable("AWS_SHARED_CREDENTIALS_FILE")};
  if (e.credentials_file.empty()) e.credentials_file = Variable("HOME") + "/.aws/credentials";
  return e;
}

Result<AwsOptions> CompileSigv4(const ConfigNode& sigv4, const AwsEnvironment& environment) {
  AwsOptions options{.credentials_file = environment.credentials_file};
  std::string role_arn;
  Settings reader;
  reader.Add("region", &options.region, "", "-");
  reader.Add("access_key", &options.keys.access_key, "", "-");
  reader.Add("secret_key", &options.keys.secret_key, "", "-");
  reader.Add("profile", &options.profile, "", "-");
  reader.Add("role_arn", &role_arn, "", "-");
  std::vector<std::string> ignored;
  SKALD_RETURN_IF_ERROR(reader.ReadNode(sigv4, "sigv4", {}, ignored));
  if (!role_arn.empty()) {
    return InvalidArgument(
        "sigv4: role_arn is not supported; use access_key and secret_key, or profile");
  }
  if (options.keys.access_key.empty() != options.keys.secret_key.empty()) {
    return InvalidArgument("sigv4: access_key and secret_key must be configured together");
  }
  if (options.region.empty()) options.region = environment.region;
  if (options.region.empty()) {
    return InvalidArgument("sigv4: region is not configured, and AWS_REGION is not set");
  }
  if (!options.keys.access_key.empty() || !options.profile.empty()) return options;
  if (!environment.keys.access_key.empty() && !environment.keys.secret_key.empty()) {
    options.keys = environment.keys;
  }
  options.profile = environment.profile.empty() ? "default" : environment.profile;
  return options;
}

Result<AwsKeys> LoadAwsKeys(const AwsOptions& options, FileSystem& files) {
  if (!options.keys.access_key.empty()) return options.keys;
  auto text = files.ReadAll(options.credentials_file);
  if (!text.ok()) {
    return Annotate(std::move(text).status(), "sigv4: keys of profile \"" + options.profile + "\"");
  }
  AwsKeys keys = KeysOf(*text, options.profile);
  if (keys.access_key.empty() || keys.secret_key.empty()) {
    return NotFound("sigv4: " + options.credentials_file + ": no keys of profile \"" +
                    options.profile + "\"");
  }
  return keys;
}

}  // namespace skald::notify
