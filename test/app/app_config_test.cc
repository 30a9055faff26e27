#include "app/app_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_secrets.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::app {
namespace {

using test::IsOk;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AppConfigTest : public testing::Test {
 protected:
  Status Load(const std::string& yaml) {
    const std::string path = folder_.path() + "/skald.yaml";
    std::ofstream(path) << yaml;
    return configuration_.Load(path, /*expand_env=*/false, {});
  }
  // What anyone can get to see of the configuration.
  std::vector<std::string> Outputs() const {
    const Settings& settings = configuration_.settings();
    return {settings.PrintAll(), settings.PrintChanged(), settings.PrintDefaults(),
            settings.Reference(), settings.Help()};
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
      {"limits_config: {ingestion_rate_mbb: 50}", "limits_config.ingestion_rate_mb"},
      {"storage_config: {tsdb_shiper: {}}", "storage_config.tsdb_shipper"},
  };
  for (const auto& row : kRows) {
    EXPECT_THAT(std::string(Load(row.yaml).message()),
                HasSubstr(std::string("did you mean ") + row.nearest + "?"))
        << row.yaml;
  }
}

TEST_F(AppConfigTest, SuggestsFlagsThatAreNoSettingsToo) {
  EXPECT_THAT(std::string(configuration_.Load("", false, {"-config.expand-evn"}).message()),
              HasSubstr("did you mean -config.expand-env?"));
}

TEST_F(AppConfigTest, WantsOneStoreInCommon) {
  EXPECT_THAT(std::string(Load("common: {storage: {s3: {endpoint: a}, filesystem: "
                               "{chunks_directory: /c}}}")
                              .message()),
              HasSubstr("too many storage configs provided in the common config, please only "
                        "define one storage backend: common.storage has filesystem and s3"));
  Configuration other;
  EXPECT_THAT(other.Load("", false, {}), IsOk());
}

TEST_F(AppConfigTest, ReadsWhatConnectionsMayDo) {
  ASSERT_THAT(Load("server: {http_listen_conn_limit: 7, http_server_read_header_timeout: 0s, "
                   "grpc_server_max_connection_age: 2h, grpc_server_keepalive_time: 1m}"),
              IsOk());
  const AppConfig& config = configuration_.config();
  EXPECT_EQ(config.http.max_connections, 7);
  EXPECT_EQ(config.http.header_timeout, std::chrono::seconds(30));
  EXPECT_EQ(config.grpc.max_connection_age, std::chrono::hours(2));
  EXPECT_EQ(config.grpc.keepalive_time, std::chrono::minutes(1));
  EXPECT_THAT(configuration_.settings().PrintAll(),
              HasSubstr("grpc_server_max_connection_idle: 2562047h47m16.854775807s\n"));
}

TEST_F(AppConfigTest, AddsPoliciesOfAllToThoseOfLimits) {
  ASSERT_THAT(Load(R"(
distributor: {default_policy_stream_mappings: {a: [{selector: '{x="1"}'}], b: [{selector: '{x="2"}'}]}}
limits_config: {policy_stream_mapping: {b: [{selector: '{x="3"}'}]}}
)"),
              IsOk());
  const ConfigNode& policies = configuration_.config().limits.policy_stream_mapping;
  ASSERT_NE(policies.Find("a"), nullptr);
  EXPECT_EQ(policies.Find("b")->items[0].Text("selector"), "{x=\"3\"}");
}

TEST_F(AppConfigTest, ReadsShardAggregationsWhereverLokiDoes) {
  for (const char* const flag :
       {"-querier.shard-aggregations=approx_topk", "-limits.shard_aggregations=approx_topk"}) {
    Configuration configuration;
    ASSERT_THAT(configuration.Load("", false, {flag}), IsOk());
    EXPECT_THAT(configuration.config().limits.shard_aggregations,
                testing::ElementsAre("approx_topk"));
  }
}

TEST_F(AppConfigTest, NamesWhatIsOutOfBounds) {
  const struct {
    const char* flag;
    const char* text;
  } kRows[] = {
      {"-querier.max-concurrent=0", "querier.max_concurrent must be greater than 0"},
      {"-log.format=xml", "server.log_format: unrecognized log format \"xml\""},
      {"-ingester.wal-disk-full-threshold=1.5", "ingester.wal.disk_full_threshold: must be from"},
      {"-ingester.wal-codec=snappy", "ingester.wal.codec: must be none or lz4, not 'snappy'"},
      {"-server.proxy-protocol-enabled", "server.proxy_protocol_enabled: the PROXY protocol"},
      {"-server.log-source-ips-header=X", "server.log_source_ips_header and"},
      {"-compactor.retention-max-disk-share=0.95", "compactor.retention_max_disk_share: must be"},
  };
  for (const auto& row : kRows) {
    Configuration configuration;
    EXPECT_THAT(std::string(configuration.Load("", false, {row.flag}).message()),
                HasSubstr(std::string("CONFIG ERROR: ") + row.text));
  }
}

TEST_F(AppConfigTest, ReadsHowTheLogIsPacked) {
  Configuration plain;
  ASSERT_THAT(plain.Load("", false, {}), IsOk());
  EXPECT_EQ(plain.config().ingester.wal.codec, Codec::kNone);
  Configuration packed;
  ASSERT_THAT(packed.Load("", false, {"-ingester.wal-codec=lz4"}), IsOk());
  EXPECT_EQ(packed.config().ingester.wal.codec, Codec::kLz4);
}

TEST_F(AppConfigTest, ShowsNoSecretsOfFiles) {
  ASSERT_THAT(Load(R"(
server:
  http_tls_config: {cert: public, key: hush}
  grpc_tls_config: {cert: public, key: hush}
common:
  storage: {s3: {access_key_id: hush, secret_access_key: hush, endpoint: 'http://a:hush@b'}}
storage_config:
  aws: {s3: 's3://hush:hush@region', secret_access_key: hush, session_token: hush}
  azure: {account_key: hush, connection_string: hush}
  gcs: {service_account: hush}
  swift: {password: hush}
chunk_store_config: {chunk_cache_config: {redis: {password: hush}}}
ruler_storage: {s3: {secret_access_key: hush}}
runtime_config: {file: 'http://me:hush@host/overrides.yaml'}
ruler:
  alertmanager_url: http://me:hush@am:9093,http://me:hush@am2:9093
  alertmanager_client: {basic_auth_password: hush}
  remote_write:
    clients:
      a: {url: 'http://me:hush@a', headers: {X-Api-Key: hush, Cookie: hush}}
      b: {url: 'http://b', basic_auth: {username: me, password: hush}}
      c: {url: 'http://c', authorization: {type: Basic, credentials: hush}}
      d: {url: 'http://d', bearer_token: hush}
      f: {url: 'http://f', sigv4: {region: r, access_key: hush, secret_key: hush}}
      g: {url: 'http://g', proxy_url: 'http://me:hush@p', proxy_connect_header: {X-A: [hush]},
          oauth2: {client_id: me, client_secret: hush, token_url: 'http://t',
                   endpoint_params: {assertion: hush}, proxy_url: 'http://me:hush@p'}}
    client: {url: 'http://e', bearer_token: hush}
limits_config:
  ruler_alertmanager_config: {alertmanager_url: 'http://b', alertmanager_client: {credentials: hush}}
  ruler_remote_write_config: {a: {url: 'http://a', bearer_token: hush}}
)"),
              IsOk());
  for (const std::string& output : Outputs()) EXPECT_THAT(output, Not(HasSubstr("hush")));
  for (const Settings::Value& value : configuration_.settings().Values()) {
    EXPECT_THAT(PrintYaml(value.node), Not(HasSubstr("hush"))) << value.key;
  }
}

// So that a setting added later is not forgotten.
TEST_F(AppConfigTest, ConcealsEverySettingThatIsNamedAsASecret) {
  std::vector<std::string> secrets;
  for (const Settings::Value& value : configuration_.settings().Values()) {
    const std::string name = value.key.substr(value.key.rfind('.') + 1);
    ConfigNode map{.kind = ConfigNode::Kind::kMap};
    map.members.push_back({.name = name, .node = {.kind = ConfigNode::Kind::kScalar}});
    map.members[0].node.scalar = "hush";
    const bool secret = WithoutSecrets(map).members[0].node.scalar != "hush";
    if (secret && value.kind == Settings::Kind::kText) secrets.push_back(value.key);
  }
  EXPECT_THAT(secrets, testing::Contains("ruler.alertmanager_client.credentials"));
  for (const std::string& key : secrets) {
    std::string yaml = "hush";
    std::string_view rest = key;
    for (size_t dot = rest.rfind('.'); dot != rest.npos; dot = rest.rfind('.')) {
      yaml = "{" + std::string(rest.substr(dot + 1)) + ": " + yaml + "}";
      rest = rest.substr(0, dot);
    }
    // What it says may not fit together, but it is read.
    (void)Load(std::string(rest) + ": " + yaml);
    EXPECT_THAT(configuration_.settings().PrintChanged(),
                AllOf(HasSubstr(std::string(kSecret)), Not(HasSubstr("hush"))))
        << key;
  }
}

}  // namespace
}  // namespace skald::app
