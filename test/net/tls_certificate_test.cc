#include "net/tls_certificate.h"

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
using testing::AnyOf;
using testing::HasSubstr;

const std::string kCertificate(test::kTestCertificate);
const std::string kKey(test::kTestKey);

class TlsCertificateTest : public testing::Test {
 protected:
  std::string File(const std::string& name, std::string_view text) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  // Reading it, and then what OpenSSL says of it.
  static Status Check(const TlsOptions& options) {
    SKALD_ASSIGN_OR_RETURN(const TlsCertificate read, ReadTlsCertificate(options, "x"));
    return CheckTlsCertificate(read);
  }

  test::TempFolder folder_;
};

TEST_F(TlsCertificateTest, ReadsFilesAndTextsAlike) {
  const auto files = ReadTlsCertificate(
      {.cert_file = File("cert.pem", kCertificate), .key_file = File("key.pem", kKey)}, "x");
  const auto texts = ReadTlsCertificate({.cert = kCertificate, .key = kKey}, "x");
  ASSERT_THAT(files, IsOk());
  ASSERT_THAT(texts, IsOk());
  EXPECT_EQ(files->chain.text, texts->chain.text);
  EXPECT_EQ(files->key.text, texts->key.text);
  EXPECT_EQ(files->key.origin, "x.key_file: " + folder_.path() + "/key.pem");
  EXPECT_EQ(texts->key.origin, "x.key");
  EXPECT_THAT(CheckTlsCertificate(*files), IsOk());
}

TEST_F(TlsCertificateTest, TakesChainsSeveralAuthoritiesAndOtherBlocksInBetween) {
  EXPECT_THAT(Check({.client_auth_type = "RequireAndVerifyClientCert",
                     .cert = kCertificate + kCertificate,
                     .key = kCertificate + kKey,
                     .client_ca = kKey + kCertificate + "text\n" + kCertificate}),
              IsOk());
}

TEST_F(TlsCertificateTest, NamesTheTextThatIsWrong) {
  const struct {
    TlsOptions options;
    std::string_view text;
  } rows[] = {
      {{.cert = "hello", .key = kKey}, "x.cert holds nothing in PEM"},
      {{.cert = kKey, .key = kKey}, "x.cert: "},
      {{.cert = kCertificate, .key = kCertificate}, "x.key: "},
      {{.cert = kCertificate + kCertificate.substr(0, 300), .key = kKey}, "x.cert: "},
      {{.cert = kCertificate, .key = kKey, .client_ca = kKey}, "x.client_ca: "},
      {{.key_file = "/none", .cert = kCertificate}, "x.key_file: cannot read /none"},
  };
  for (const auto& [options, text] : rows) {
    const Status status = Check(options);
    ASSERT_THAT(status, HasCode(StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(text));
  }
}

TEST_F(TlsCertificateTest, AsksNobodyForThePasswordOfAKey) {
  const std::string locked =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
      "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgAAAAAAAAAAAICCAAw\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n";
  EXPECT_THAT(Check({.cert = kCertificate, .key = locked}), HasCode(StatusCode::kInvalidArgument));
}

TEST_F(TlsCertificateTest, TakesOrRefusesWhatIsDamagedAnywhere) {
  const auto taken_or_refused = AnyOf(IsOk(), HasCode(StatusCode::kInvalidArgument));
  for (size_t i = 0; i < kKey.size(); ++i) {
    std::string damaged = kKey;
    damaged[i] ^= 0x04;
    EXPECT_THAT(Check({.cert = kCertificate, .key = damaged}), taken_or_refused) << "byte " << i;
  }
  for (size_t i = 0; i < kCertificate.size(); ++i) {
    std::string damaged = kCertificate;
    damaged[i] ^= 0x04;
    EXPECT_THAT(Check({.cert = damaged, .key = kKey}), taken_or_refused) << "byte " << i;
  }
}

}  // namespace
}  // namespace skald::net
