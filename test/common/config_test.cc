#include "common/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "common/limits.h"
#include "common/stream_limits.h"

namespace skald {
namespace {

struct Options {
  bool auth_enabled = true;
  int port = 3100;
  uint64_t max_body = 4 << 20;
  double ratio = 0.5;
  std::string address;
  Nanoseconds timeout = std::chrono::seconds(30);
  std::vector<std::string> names = {"a", "b"};
  ConfigNode rules;
};

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    settings_.Add("auth_enabled", &options_.auth_enabled, "Whether tenants are told apart");
    settings_.Add("server.http_listen_port", &options_.port, "Port of the HTTP server");
    settings_.Add("server.max_body", &options_.max_body, "Largest body", "",
                  Settings::Unit::kBytes);
    settings_.Add("ratio", &options_.ratio, "A share");
    settings_.Add("server.http_listen_address", &options_.address, "Address");
    settings_.Add("server.timeout", &options_.timeout, "Time-out", "server.http-read-timeout");
    settings_.Add("names", &options_.names, "Names");
    settings_.Add("rules", &options_.rules, "Rules");
  }

  Status Read(std::string_view yaml) {
    ignored_.clear();
    return settings_.ReadYaml(yaml, "skald.yaml", {"limits_config"}, ignored_);
  }

  Options options_;
  Settings settings_;
  std::vector<std::string> ignored_;
};

TEST_F(ConfigTest, ReadsEveryKindOfValue) {
  ASSERT_TRUE(Read("auth_enabled: false\n"
                   "ratio: 0.25\n"
                   "names: [x, y, z]\n"
                   "rules:\n  k: [1, {a: b}]\n"
                   "server:\n"
                   "  http_listen_port: 80\n"
                   "  max_body: 16KB\n"
                   "  http_listen_address: '127.0.0.1'\n"
                   "  timeout: 1d\n")
                  .ok());
  EXPECT_FALSE(options_.auth_enabled);
  EXPECT_EQ(options_.port, 80);
  EXPECT_EQ(options_.max_body, 16384u);
  EXPECT_EQ(options_.ratio, 0.25);
  EXPECT_EQ(options_.address, "127.0.0.1");
  EXPECT_EQ(options_.timeout, std::chrono::hours(24));
  EXPECT_EQ(options_.names, (std::vector<std::string>{"x", "y", "z"}));
  EXPECT_EQ(options_.rules.Find("k")->items[1].Text("a"), "b");
}

TEST_F(ConfigTest, KeepsTheDefaultWhereAKeyHasNoValue) {
  ASSERT_TRUE(Read("server:\n  http_listen_port:\n").ok());
  EXPECT_EQ(options_.port, 3100);
}

TEST_F(ConfigTest, NamesLineAndNearestKeyOfAMistake) {
  const Status status = Read("auth_enabled: true\nserver:\n  http_listen_prot: 80\n");
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "failed parsing config: skald.yaml: line 3: field http_listen_prot not found in "
            "server; did you mean server.http_listen_port?");
}

TEST_F(ConfigTest, SuggestsSectionsToo) {
  const struct {
    const char* yaml;
    const char* nearest;
  } kRows[] = {
      {"serverr: {http_listen_port: 80}", "server"},
      {"auth_enable: true", "auth_enabled"},
      {"memberlists: {}", "memberlist"},  // Loki's alone.
      {"server: {cluster_validatoin: {}}", "server.cluster_validation"},
  };
  for (const auto& row : kRows) {
    EXPECT_THAT(std::string(Read(row.yaml).message()),
                testing::EndsWith(std::string("; did you mean ") + row.nearest + "?"));
  }
  EXPECT_THAT(std::string(Read("weather: rain").message()),
              testing::EndsWith("field weather not found in the document"));
}

TEST_F(ConfigTest, TakesWhatIsAlmostASettingForAMistakeAlsoBesideLokisKeys) {
  uint64_t capacity = 0;
  settings_.Add("ruler.notification_capacity", &capacity, "Capacity");
  EXPECT_EQ(Read("ruler: {notification_capacty: 1}").message(),
            "failed parsing config: skald.yaml: line 1: field notification_capacty not found in "
            "ruler; did you mean ruler.notification_capacity?");
  EXPECT_TRUE(Read("ruler: {rule_path: /rules}").ok());
  EXPECT_EQ(settings_.ReadFlags({"-ruler.notification-capacty=1"}, ignored_).message(),
            "flag provided but not defined: -ruler.notification-capacty; did you mean "
            "-ruler.notification-capacity?");
  EXPECT_TRUE(settings_.ReadFlags({"-ruler.notification-timeout=1s"}, ignored_).ok());
}

TEST_F(ConfigTest, KnowsTheKeysOfLokisSectionsAtAnyDepth) {
  const struct {
    const char* yaml;
    const char* nearest;
  } kRows[] = {
      {"frontend: {scheduler_adress: a}", "frontend.scheduler_address"},
      {"memberlist: {join_member: [a]}", "memberlist.join_members"},
      {"common: {ring: {kvstore: {stroe: inmemory}}}", "common.ring.kvstore.store"},
      {"ingester_client: {grpc_client_config: {tls_enable: true}}",
       "ingester_client.grpc_client_config.tls_enabled"},
      {"query_range: {results_cache: {cache: {memcached_clients: {host: a}}}}",
       "query_range.results_cache.cache.memcached_client"},
      {"storage_config: {aws: {bucket_names: a}}", "storage_config.aws.bucketnames"},
  };
  for (const auto& row : kRows) {
    EXPECT_THAT(std::string(Read(row.yaml).message()),
                testing::EndsWith(std::string("; did you mean ") + row.nearest + "?"));
  }
  EXPECT_EQ(Read("compactor:\n  shared_store: s3\n  weather: rain").message(),
            "failed parsing config: skald.yaml: line 3: field weather not found in compactor");
  EXPECT_TRUE(Read("ui: {goldfish: {anything: 1}}").ok());
}

TEST_F(ConfigTest, TakesLenientlyWhatIsUnlikeAnyKeyAlone) {
  int rate = 0;
  settings_.Add("limits_config.ingestion_rate_mb", &rate, "Rate");
  EXPECT_TRUE(Read("limits_config: {weather: rain, max_cache_freshness_per_query: 1m}").ok());
  EXPECT_EQ(ignored_, (std::vector<std::string>{"limits_config.weather",
                                                "limits_config.max_cache_freshness_per_query"}));
  EXPECT_EQ(Read("limits_config: {ingestion_rate_mbb: 50}").message(),
            "failed parsing config: skald.yaml: line 1: field ingestion_rate_mbb not found in "
            "limits_config; did you mean limits_config.ingestion_rate_mb?");
  EXPECT_THAT(std::string(Read("limits_config: {max_chunk_per_query: 5}").message()),
              testing::EndsWith("did you mean limits_config.max_chunks_per_query?"));
}

TEST_F(ConfigTest, RefusesBadValuesByName) {
  const struct {
    const char* yaml;
    const char* message;
  } kRows[] = {
      {"server: {http_listen_port: many}",
       "skald.yaml: line 1: server.http_listen_port: 'many' is no number of the right size"},
      {"auth_enabled: perhaps",
       "skald.yaml: line 1: auth_enabled: 'perhaps' is neither true nor false"},
      {"server: 5", "skald.yaml: line 1: server is a section, not a value"},
      {"ratio: [1]", "skald.yaml: line 1: ratio: a single value is wanted"},
      {"names: [x, {y: z}]", "skald.yaml: line 1: names: a list of texts is wanted"},
      {"names: {x: y}", "skald.yaml: line 1: names: a list is wanted"},
      {"[1, 2]", "skald.yaml: the document is no map of settings"},
  };
  for (const auto& row : kRows) EXPECT_EQ(Read(row.yaml).message(), row.message) << row.yaml;
  EXPECT_FALSE(Read("a: [").ok());
}

TEST_F(ConfigTest, PassesOverWhatIsLokisAlone) {
  ASSERT_TRUE(Read("memberlist: {join_members: [a]}\n"
                   "query_range: {align_queries_with_step: true}\n"
                   "server: {grpc_listen_network: tcp}\n")
                  .ok());
  EXPECT_EQ(ignored_,
            (std::vector<std::string>{"memberlist", "query_range", "server.grpc_listen_network"}));
}

TEST_F(ConfigTest, FlagsWinOverTheFile) {
  ASSERT_TRUE(Read("server: {http_listen_port: 80}").ok());
  ASSERT_TRUE(settings_
                  .ReadFlags({"-server.http-listen-port=81", "--server.http-read-timeout", "5s",
                              "-auth-enabled", "-names=p,q"},
                             ignored_)
                  .ok());
  EXPECT_EQ(options_.port, 81);
  EXPECT_EQ(options_.timeout, std::chrono::seconds(5));
  EXPECT_TRUE(options_.auth_enabled);
  EXPECT_EQ(options_.names, (std::vector<std::string>{"p", "q"}));
}

TEST_F(ConfigTest, RefusesUnknownFlags) {
  EXPECT_EQ(settings_.ReadFlags({"-nonsense=1"}, ignored_).message(),
            "flag provided but not defined: -nonsense");
  EXPECT_EQ(settings_.ReadFlags({"word"}, ignored_).message(), "argument without a flag: word");
  EXPECT_EQ(settings_.ReadFlags({"-ratio"}, ignored_).message(), "flag needs an argument: -ratio");
}

TEST_F(ConfigTest, SuggestsTheNearestFlag) {
  EXPECT_EQ(settings_.ReadFlags({"-server.http-listen-prot=1"}, ignored_).message(),
            "flag provided but not defined: -server.http-listen-prot; did you mean "
            "-server.http-listen-port?");
}

TEST_F(ConfigTest, SuggestsFlagsThatAreReadElsewhere) {
  settings_.AddForeignFlag("config.expand-env");
  EXPECT_EQ(settings_.ReadFlags({"-config.expand-evn=true"}, ignored_).message(),
            "flag provided but not defined: -config.expand-evn; did you mean -config.expand-env?");
}

TEST_F(ConfigTest, PassesOverFlagsThatAreLokisAlone) {
  ASSERT_TRUE(settings_
                  .ReadFlags({"-memberlist.advertise-addr=10.0.0.1", "--memberlist.bind-port", "7",
                              "-analytics.reporting-enabled", "-ratio=0.75",
                              "-store.max-parallel-get-chunk=9", "-tsdb.shipper.cache-ttl=1h"},
                             ignored_)
                  .ok());
  EXPECT_EQ(ignored_,
            (std::vector<std::string>{"-memberlist.advertise-addr", "-memberlist.bind-port",
                                      "-analytics.reporting-enabled",
                                      "-store.max-parallel-get-chunk", "-tsdb.shipper.cache-ttl"}));
  EXPECT_EQ(options_.ratio, 0.75);
}

TEST_F(ConfigTest, PrintsATableOfAllSettings) {
  const std::string table = settings_.Reference();
  EXPECT_NE(table.find("| `server.timeout` | `-server.http-read-timeout` | `30s` | Time-out |\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("| `rules` |  |  | Rules |\n"), std::string::npos) << table;
}

TEST_F(ConfigTest, PrintsWhatReadsBackTheSame) {
  ASSERT_TRUE(
      Read("server: {http_listen_address: 'a: b', max_body: 3MB}\nrules: {x: {y: []}}").ok());
  const std::string printed = settings_.PrintAll();
  options_ = Options();
  ASSERT_TRUE(Read(printed).ok()) << printed;
  EXPECT_EQ(settings_.PrintAll(), printed);
  EXPECT_EQ(options_.address, "a: b");
}

TEST_F(ConfigTest, PrintsOnlyChangesWhenAsked) {
  ASSERT_TRUE(Read("server: {http_listen_port: 80}").ok());
  EXPECT_EQ(settings_.PrintChanged(), "server:\n  http_listen_port: 80\n");
}

TEST_F(ConfigTest, MeasuresChangesByADefaultSetLater) {
  options_.auth_enabled = false;
  settings_.TakeAsDefault("auth_enabled");
  EXPECT_EQ(settings_.PrintChanged(), "{}\n");
  ASSERT_TRUE(Read("auth_enabled: true\n").ok());
  EXPECT_EQ(settings_.PrintChanged(), "auth_enabled: true\n");
}

TEST_F(ConfigTest, DoesNotPrintWhatIsConcealed) {
  settings_.Conceal("server.http_listen_address");
  EXPECT_EQ(settings_.PrintChanged(), "{}\n");
  ASSERT_TRUE(Read("server: {http_listen_address: hush}").ok());
  EXPECT_EQ(options_.address, "hush");
  EXPECT_EQ(settings_.PrintChanged(), "server:\n  http_listen_address: \"<secret>\"\n");
}

TEST_F(ConfigTest, PrintsNoSecretsOfStructures) {
  ASSERT_TRUE(Read("rules: {a: {basic_auth: {username: me, password: hush}}}\n"
                   "server: {http_listen_address: 'http://me:hush@host/'}\n")
                  .ok());
  EXPECT_EQ(options_.rules.Find("a")->Find("basic_auth")->Text("password"), "hush");
  for (const std::string& text : {settings_.PrintAll(), settings_.PrintChanged()}) {
    EXPECT_THAT(text, testing::HasSubstr("password: \"<secret>\""));
    EXPECT_THAT(text, testing::HasSubstr("http://me:<secret>@host/"));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("hush")));
  }
}

TEST(LimitsTest, AreReadByLokisKeysAndForgiveUnknownOnes) {
  Limits limits;
  Settings settings;
  AddLimits(settings, &limits);
  std::vector<std::string> ignored;
  ASSERT_TRUE(settings
                  .ReadYaml("limits_config:\n"
                            "  per_stream_rate_limit: 100MB\n"
                            "  max_query_length: 0\n"
                            "  reject_old_samples_max_age: 1w\n"
                            "  unordered_writes: true\n"
                            "  discover_service_name: []\n",
                            "f", {"limits_config"}, ignored)
                  .ok());
  EXPECT_EQ(limits.per_stream_rate_limit, 100u << 20);
  EXPECT_EQ(limits.max_query_length, Nanoseconds(0));
  EXPECT_EQ(limits.reject_old_samples_max_age, std::chrono::hours(168));
  EXPECT_TRUE(limits.discover_service_name.empty());
  EXPECT_EQ(ignored, std::vector<std::string>{"limits_config.unordered_writes"});
}

TEST(LimitsTest, FlagsSetSingleValuesOfStructures) {
  Limits limits;
  Settings settings;
  AddLimits(settings, &limits);
  std::vector<std::string> ignored;
  ASSERT_TRUE(
      settings.ReadYaml("limits_config: {shard_streams: {desired_rate: 1MB}}", "f", {}, ignored)
          .ok());
  ASSERT_TRUE(settings
                  .ReadFlags({"-shard-streams.desired-rate=2MB", "-shard-streams.logging-enabled",
                              "--shard-streams.time-sharding-ignore-recent", "1h"},
                             ignored)
                  .ok());
  const StreamLimits of_streams = StreamLimitsOf(limits, "");
  EXPECT_EQ(of_streams.shard_rate, 2u << 20);
  EXPECT_TRUE(of_streams.log_shards);
  EXPECT_EQ(of_streams.time_sharded_age, std::chrono::hours(1));
  EXPECT_THAT(settings.Help(), testing::HasSubstr("  -shard-streams.enabled\n"));
  EXPECT_THAT(std::string(settings.ReadFlags({"-shard-streams.enable"}, ignored).message()),
              testing::EndsWith("did you mean -shard-streams.enabled?"));
}

TEST(YamlTest, PrintsScalarsThatReadBackTheSame) {
  for (const std::string text :
       {"plain", "/a/b.c", "two words", "", " x", "x ", "null", "Null", "...", "... ...", "-1",
        "a: b", "#c", "\n", "\u00e9", "\x7f", "{}", "'q'", "0x1f"}) {
    const auto node = ParseYaml(YamlScalar(text));
    ASSERT_TRUE(node.ok()) << text;
    EXPECT_EQ(node->kind, ConfigNode::Kind::kScalar) << text;
    EXPECT_EQ(node->scalar, text);
  }
}

TEST(YamlTest, RefusesAKeyThatIsThereTwice) {
  EXPECT_EQ(ParseYaml("a: 1\nb: 2\na: 3").status().message(), "yaml: line 3: key a is there twice");
  EXPECT_EQ(ParseYaml("a: {b: {c: 1, c: 1}}").status().message(),
            "yaml: line 1: key c is there twice");
  EXPECT_TRUE(ParseYaml("a: {c: 1}\nb: {c: 1}").ok());
}

TEST(YamlTest, KnowsItsWordsForYesAndNo) {
  for (const char* yes : {"true", "True", "TRUE", "yes", "Y", "on", "ON", "1", "t"}) {
    EXPECT_TRUE(*ParseYamlBool(yes)) << yes;
  }
  for (const char* no : {"false", "False", "FALSE", "No", "n", "off", "0", "f"}) {
    EXPECT_FALSE(*ParseYamlBool(no)) << no;
  }
  for (const char* neither : {"", "ja", "truee", "2"}) {
    EXPECT_FALSE(ParseYamlBool(neither).ok()) << neither;
  }
}

TEST(YamlTest, RefusesWhatIsNotUtf8) {
  for (const std::string& text : {std::string("a: \xff"), std::string("a\0b", 3)}) {
    EXPECT_EQ(ParseYaml(text).status().message(), "yaml: the text is not UTF-8");
  }
}

}  // namespace
}  // namespace skald
