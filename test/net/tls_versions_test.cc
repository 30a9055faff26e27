#include "net/tls_versions.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "support/matchers.h"

namespace skald::net {
namespace {

using test::HasCode;
using test::IsOk;

TEST(TlsVersionsTest, KnowsVersionsByGosNames) {
  EXPECT_EQ(*ReadTlsVersion(""), TLS1_2_VERSION);
  EXPECT_EQ(*ReadTlsVersion("VersionTLS10"), TLS1_VERSION);
  EXPECT_EQ(*ReadTlsVersion("VersionTLS13"), TLS1_3_VERSION);
  EXPECT_THAT(ReadTlsVersion("1.3"), HasCode(StatusCode::kInvalidArgument));
}

TEST(TlsVersionsTest, TellsSuitesOfTls13FromOlderOnes) {
  const auto suites = ReadCipherSuites(
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_AES_128_GCM_SHA256,"
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
  ASSERT_THAT(suites, IsOk());
  EXPECT_EQ(suites->older, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384");
  EXPECT_EQ(suites->recent, "TLS_AES_128_GCM_SHA256");
  EXPECT_THAT(ReadCipherSuites("X"), HasCode(StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace skald::net
