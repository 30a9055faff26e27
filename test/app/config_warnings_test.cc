#include "app/config_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::app {
namespace {

using test::IsOk;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;

class ConfigWarningsTest : public testing::Test {
 protected:
  std::vector<std::string> WarningsOf(const std::string& yaml,
                                      const std::vector<std::string>& flags = {}) {
    const std::string path = folder_.path() + "/skald.yaml";
    std::ofstream(path) << yaml;
    Configuration configuration;
    EXPECT_THAT(configuration.Load(path, /*expand_env=*/false, flags), IsOk()) << yaml;
    return ConfigWarnings(configuration);
  }

  const test::TempFolder folder_;
};

TEST_F(ConfigWarningsTest, WhatHasItsEffectIsNotWarnedOf) {
  EXPECT_THAT(WarningsOf(R"(
common: {path_prefix: /loki, storage: {filesystem: {chunks_directory: /loki/chunks}}}
schema_config: {configs: [{from: 2020-10-24, store: tsdb, object_store: filesystem, schema: v13}]}
storage_config: {object_store: {filesystem: {dir: /loki/chunks}}}
ingester: {wal: {enabled: true}}
distributor: {ingester_writes_enabled: true}
)"),
              IsEmpty());
}

TEST_F(ConfigWarningsTest, SaysWhereDataStaysThatWasMeantForObjectStorage) {
  const auto stays = [](const char* name) {
    return AllOf(StartsWith(std::string(name) + ": object storage is not used"),
                 HasSubstr("packs in /loki/chunks, the index in /loki/index"),
                 HasSubstr("in /loki/wal"));
  };
  EXPECT_THAT(WarningsOf(R"(
common: {path_prefix: /loki, storage: {s3: {endpoint: minio:9000, bucketnames: chunks}}}
schema_config:
  configs:
    - {from: 2020-10-24, store: tsdb, object_store: s3, schema: v13}
    - {from: 2021-10-24, store: tsdb, object_store: s3, schema: v13}
)"),
              ElementsAre(stays("common.storage.s3"), stays("schema_config: object_store: s3")));
  EXPECT_THAT(WarningsOf("common: {path_prefix: /loki}\n"
                         "storage_config: {aws: {s3: 's3://region/bucket'}, gcs: {bucket_name: b}, "
                         "object_store: {s3: {bucket_name: b}}}\n"),
              ElementsAre(stays("storage_config.aws"), stays("storage_config.gcs"),
                          stays("storage_config.object_store")));
  EXPECT_THAT(WarningsOf("common: {path_prefix: /loki}",
                         {"-common.storage.gcs.bucketname=b", "-common.storage.gcs.endpoint=e"}),
              ElementsAre(stays("common.storage.gcs")));
}

TEST_F(ConfigWarningsTest, SaysWhatHoldsInsteadOfSettingsWithOneValue) {
  EXPECT_THAT(
      WarningsOf("ingester: {wal: {enabled: false}}\nquerier: {query_store_only: true}\n"
                 "limits_config: {ruler_tenant_shard_size: 2}\n",
                 {"-server.grpc-conn-limit=5", "-distributor.max-inflight-bytes=1GB"}),
      UnorderedElementsAre("ingester.wal.enabled: without effect: the write-ahead log is always on",
                           StartsWith("limits_config.ruler_tenant_shard_size: without effect: the"),
                           StartsWith("querier.query_store_only: without effect: queries read"),
                           StartsWith("server.grpc_listen_conn_limit: without effect: "),
                           StartsWith("distributor.max_inflight_bytes: without effect: ")));
}

}  // namespace
}  // namespace skald::app
