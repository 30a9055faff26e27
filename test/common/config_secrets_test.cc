#include "common/config_secrets.h"

#include <gtest/gtest.h>

#include <string>

namespace skald {
namespace {

std::string Shown(std::string_view yaml) {
  const auto node = ParseYaml(yaml);
  return node.ok() ? PrintYaml(WithoutSecrets(*node)) : std::string(node.status().message());
}

TEST(ConfigSecretsTest, HidesWhatIsNamedAsASecret) {
  for (const std::string name :
       {"password", "basic_auth_password", "credentials", "bearer_token", "session_token", "secret",
        "secret_access_key", "client_secret", "access_key", "account_key", "key",
        "connection_string", "service_account"}) {
    EXPECT_EQ(Shown(name + ": hush"), name + ": \"<secret>\"\n");
  }
}

TEST(ConfigSecretsTest, ShowsEverythingElse) {
  for (const std::string text :
       {"url: \"http://a/b\"\n", "username: me\n", "password_file: /a\n", "credentials_file: /a\n",
        "tls_key_path: /a\n", "token_url: \"http://a\"\n", "tokenizable_fields: msg\n",
        "type: Bearer\n", "regex: key\n", "password: \"\"\n",
        "fields:\n  api_token:\n    - token\n"}) {
    EXPECT_EQ(Shown(text), text);
  }
}

TEST(ConfigSecretsTest, HidesAllHeadersWherever) {
  EXPECT_EQ(Shown("clients: {a: {headers: {X-Any: hush, Cookie: hush}, name: n}}"),
            "clients:\n  a:\n    headers:\n      X-Any: \"<secret>\"\n      Cookie: "
            "\"<secret>\"\n    name: n\n");
  EXPECT_EQ(Shown("proxy_connect_header: {X-Any: [hush, hush]}"),
            "proxy_connect_header:\n  X-Any:\n    - \"<secret>\"\n    - \"<secret>\"\n");
  EXPECT_EQ(Shown("oauth2: {endpoint_params: {client_assertion: hush}}"),
            "oauth2:\n  endpoint_params:\n    client_assertion: \"<secret>\"\n");
  EXPECT_EQ(Shown("[{authorization: {type: Basic, credentials: hush}}]"),
            "- authorization:\n    type: Basic\n    credentials: \"<secret>\"\n");
}

TEST(ConfigSecretsTest, HidesPasswordsInUrls) {
  const struct {
    const char* text;
    const char* shown;
  } kRows[] = {
      {"http://me:hush@host:80/p?q=a:b@c", "http://me:<secret>@host:80/p?q=a:b@c"},
      {"http://a,https://me:hu@sh@b/,http://c:1", "http://a,https://me:<secret>@b/,http://c:1"},
      {"http://me@host:80", "http://me@host:80"},
      {"no url: a:b@c", "no url: a:b@c"},
      {"http://", "http://"},
      {"", ""},
  };
  for (const auto& row : kRows) EXPECT_EQ(WithoutPasswords(row.text), row.shown) << row.text;
  EXPECT_EQ(Shown("url: http://me:hush@host"), "url: \"http://me:<secret>@host\"\n");
}

}  // namespace
}  // namespace skald
