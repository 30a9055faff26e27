#include "net/tls_context.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>

#include "support/matchers.h"
#include "support/temp_folder.h"
#include "support/tls_files.h"

namespace skald::net {
namespace {

using test::HasCode;
using test::IsOk;
using testing::HasSubstr;

class TlsContextTest : public testing::Test {
 protected:
  std::string File(const std::string& name, std::string_view text) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  test::TempFolder folder_;
  const std::string cert_ = File("cert.pem", test::kTestCertificate);
  const std::string key_ = File("key.pem", test::kTestKey);
};

TEST_F(TlsContextTest, IsNoneWithoutACertificate) {
  auto context = TlsContext::Open({});
  ASSERT_THAT(context, IsOk());
  EXPECT_EQ(*context, nullptr);
}

TEST_F(TlsContextTest, TakesVersionsAndSuitesByGosNames) {
  for (const char* version : {"", "VersionTLS10", "VersionTLS11", "VersionTLS12", "VersionTLS13"}) {
    auto context = TlsContext::Open(
        {.tls = {.cert_file = cert_, .key_file = key_},
         .tls_min_version = version,
         .tls_cipher_suites = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_AES_128_GCM_SHA256"});
    EXPECT_THAT(context, IsOk()) << version;
  }
}

TEST_F(TlsContextTest, NamesTheSettingAndTheFileThatAreWrong) {
  std::string other_key(test::kTestKey);
  other_key[other_key.size() / 2] ^= 1;
  const std::string other = File("other.pem", other_key);
  const std::string no_pem = File("no.pem", "hello");
  const std::string cut = File("cut.pem", test::kTestCertificate.substr(0, 200));
  const TlsOptions good = {.cert_file = cert_, .key_file = key_};
  const struct {
    HttpServerOptions options;
    std::string text;
  } rows[] = {
      {{.tls = {.cert_file = "/none", .key_file = key_}}, "cert_file: cannot read /none"},
      {{.tls = {.cert_file = no_pem, .key_file = key_}},
       "cert_file: " + no_pem + " holds nothing in PEM"},
      {{.tls = {.cert_file = cut, .key_file = key_}}, "cert_file: " + cut + ": "},
      {{.tls = {.cert_file = cert_, .key_file = "/none"}}, "key_file: cannot read /none"},
      {{.tls = {.cert_file = cert_, .key_file = cert_}}, "key_file: " + cert_ + ": "},
      {{.tls = {.cert_file = cert_, .key_file = other}}, "key_file: " + other + ": "},
      {{.tls = {.cert_file = cert_}}, "cert_file and key_file go together"},
      {{.tls = {.cert_file = cert_,
                .key_file = key_,
                .client_auth_type = "VerifyClientCertIfGiven",
                .client_ca_file = key_}},
       "client_ca_file: " + key_ + ": "},
      {{.tls = good, .tls_min_version = "1.3"}, "server.tls_min_version: unknown version '1.3'"},
      {{.tls = good, .tls_cipher_suites = "TLS_AES_128_GCM_SHA256,X"},
       "server.tls_cipher_suites: unknown suite 'X'"},
  };
  for (const auto& [options, text] : rows) {
    const auto context = TlsContext::Open(options);
    ASSERT_THAT(context, HasCode(StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(std::string(context.status().message()), HasSubstr(text));
  }
}

}  // namespace
}  // namespace skald::net
