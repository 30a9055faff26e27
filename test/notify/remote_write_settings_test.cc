#include "notify/remote_write_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::IsOk;
using testing::HasSubstr;

Result<std::vector<RemoteWriteClient>> ReadClients(const char* clients, const char* own = "") {
  return CompileClients({.clients = ParseYaml(clients).value()}, ParseYaml(own).value());
}

TEST(RemoteWriteSettingsTest, ReadsAClientAsPrometheusDoes) {
  const auto clients = ReadClients(R"(
mimir:
  url: https://me:secret@mimir/api/v1/push
  remote_timeout: 7s
  headers: {X-A: b, x-scope-orgid: other}
  write_relabel_configs: [{action: labeldrop, regex: x}]
  tls_config: {ca_file: ca.pem, insecure_skip_verify: true}
  queue_config: {capacity: 5, max_samples_per_send: 9, min_backoff: 1s, max_backoff: 2s,
                 retry_on_http_429: false, sample_age_limit: 1h}
  metadata_config: {send: false}
)");
  ASSERT_THAT(clients, IsOk());
  const RemoteWriteClient& client = clients->at(0);
  EXPECT_EQ(client.id, "mimir");
  EXPECT_EQ(client.name, "mimir");
  EXPECT_EQ(client.url, "https://mimir/api/v1/push");
  EXPECT_EQ(client.peer.http.username, "me");
  EXPECT_EQ(client.peer.http.password, "secret");
  EXPECT_EQ(client.peer.http.timeout, std::chrono::seconds(7));
  EXPECT_EQ(client.peer.http.ca_file, "ca.pem");
  EXPECT_TRUE(client.peer.http.skip_verification);
  EXPECT_EQ(client.peer.headers.Get("X-A"), "b");
  EXPECT_FALSE(client.peer.headers.Has("X-Scope-OrgID"));
  EXPECT_FALSE(client.relabel.empty());
  EXPECT_EQ(client.max_samples, 9u);
  EXPECT_EQ(client.max_backoff, std::chrono::seconds(2));
  EXPECT_FALSE(client.retry_on_429);
  EXPECT_EQ(client.sample_age_limit, std::chrono::hours(1));
}

TEST(RemoteWriteSettingsTest, PutsATenantsClientsOverThoseOfAll) {
  const auto clients = ReadClients("a: {url: 'http://a', remote_timeout: 7s}",
                                   "{a: {url: 'http://own'}, b: {url: 'http://b'}}");
  ASSERT_THAT(clients, IsOk());
  ASSERT_EQ(clients->size(), 2u);
  EXPECT_EQ(clients->at(0).url, "http://own");
  EXPECT_EQ(clients->at(0).peer.http.timeout, std::chrono::seconds(7));
  EXPECT_EQ(clients->at(1).url, "http://b");
}

TEST(RemoteWriteSettingsTest, LetsATenantSayWhoAsks) {
  const auto clients =
      ReadClients("a: {url: 'http://a', sigv4: {region: r, access_key: k, secret_key: s}}",
                  "{a: {sigv4: {region: own, access_key: mine}}}");
  ASSERT_THAT(clients, IsOk());
  ASSERT_TRUE(clients->at(0).peer.sigv4.has_value());
  EXPECT_EQ(clients->at(0).peer.sigv4->region, "own");
  EXPECT_EQ(clients->at(0).peer.sigv4->keys.access_key, "mine");
  EXPECT_EQ(clients->at(0).peer.sigv4->keys.secret_key, "s");
}

TEST(RemoteWriteSettingsTest, KnowsTheSingleClientOfOldFiles) {
  RemoteWriteSettings read;
  Settings settings;
  AddRemoteWriteSettings(settings, &read);
  std::vector<std::string> ignored;
  ASSERT_THAT(settings.ReadYaml("ruler: {remote_write: {enabled: true, client: {url: 'http://x'}}}",
                                "f", {}, ignored),
              IsOk());
  const auto clients = CompileClients(read, {});
  ASSERT_THAT(clients, IsOk());
  EXPECT_EQ(clients->at(0).id, "default");
}

TEST(RemoteWriteSettingsTest, NamesWhatIsWrong) {
  const struct {
    const char* clients;
    const char* text;
  } cases[] = {
      {"[a]", "no map"},
      {"a: {}", "client a: url is not configured"},
      {"a: {url: 'x:1'}", "client a: url: x:1: no scheme"},
      {"a: {url: 'http://x', azuread: {cloud: c}}", "client a: azuread is not supported"},
      {"a: {url: 'http://x', oauth2: {client_id: r}}", "client a: oauth2: token_url"},
      {"a: {url: 'http://me@x', sigv4: {region: r}}", "here are basic_auth and sigv4"},
      {"a: {url: 'http://x', remote_timout: 1s}", "remote_timeout"},
      {"a: {url: 'http://x', bearer_token: a, basic_auth: {username: b}}", "at most one"},
      {"a: {url: 'http://x', write_relabel_configs: [{action: x}]}",
       "client a: write_relabel_configs: relabel rule 1"},
      {"a: {url: 'http://x', queue_config: {max_samples_per_send: 0}}", "max_samples_per_send"},
      {"a: {url: 'http://x', queue_config: {min_backoff: 9s}}", "min_backoff"},
  };
  for (const auto& c : cases) {
    const auto clients = ReadClients(c.clients);
    EXPECT_THAT(clients, HasCode(StatusCode::kInvalidArgument)) << c.clients;
    EXPECT_THAT(std::string(clients.status().message()), HasSubstr(c.text));
  }
}

}  // namespace
}  // namespace skald::notify
