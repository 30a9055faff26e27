#include "net/grpc_credentials.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "net/grpc_host.h"
#include "support/grpc_caller.h"
#include "support/matchers.h"
#include "support/temp_folder.h"
#include "support/tls_files.h"

namespace skald::net {
namespace {

using test::GrpcCaller;
using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class GrpcCredentialsTest : public testing::Test {
 protected:
  std::string File(const std::string& name, std::string_view text) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  TlsOptions WithCertificate() {
    return {.cert_file = File("cert.pem", test::kTestCertificate),
            .key_file = File("key.pem", test::kTestKey)};
  }

  // What a call ends with that trusts the certificate, and shows it as its own if `known`.
  grpc::StatusCode Call(const TlsOptions& tls, bool known) {
    GrpcHost host({.address = "127.0.0.1", .port = 0, .tls = tls}, executor_);
    host.Add("/test.Echo/Say",
             [](Request& request) -> Result<std::string> { return request.body; });
    EXPECT_THAT(host.Start(), IsOk());
    grpc::SslCredentialsOptions client{.pem_root_certs = std::string(test::kTestCertificate)};
    if (known) {
      client.pem_private_key = test::kTestKey;
      client.pem_cert_chain = test::kTestCertificate;
    }
    GrpcCaller caller(host.port(), grpc::SslCredentials(client));
    return caller.Call("/test.Echo/Say", "hello").status.error_code();
  }

  test::TempFolder folder_;
  Executor executor_{"grpc", 1};
};

TEST_F(GrpcCredentialsTest, ServesTls) {
  EXPECT_EQ(Call(WithCertificate(), false), grpc::StatusCode::OK);
}

TEST_F(GrpcCredentialsTest, RefusesClientsThatAreNotKnown) {
  TlsOptions tls = WithCertificate();
  tls.client_auth_type = "RequireAndVerifyClientCert";
  tls.client_ca_file = tls.cert_file;
  EXPECT_EQ(Call(tls, true), grpc::StatusCode::OK);
  EXPECT_EQ(Call(tls, false), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcCredentialsTest, TakesAnyCertificateWhereNoneIsVerified) {
  TlsOptions tls = WithCertificate();
  tls.client_auth_type = "RequireAnyClientCert";
  EXPECT_EQ(Call(tls, true), grpc::StatusCode::OK);
  EXPECT_EQ(Call(tls, false), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcCredentialsTest, DoesNotAnswerClearText) {
  GrpcHost host({.address = "127.0.0.1", .port = 0, .tls = WithCertificate()}, executor_);
  ASSERT_THAT(host.Start(), IsOk());
  EXPECT_EQ(GrpcCaller(host.port()).Call("/test.Echo/Say", "x").status.error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcCredentialsTest, NamesTheSettingThatIsWrong) {
  const TlsOptions good = WithCertificate();
  const std::string no_pem = File("no.pem", "hello");
  const struct {
    TlsOptions options;
    std::string_view text;
  } rows[] = {
      {{.cert_file = "/none", .key_file = good.key_file},
       "server.grpc_tls_config.cert_file: cannot read /none"},
      {{.cert_file = good.cert_file, .key_file = no_pem}, "server.grpc_tls_config.key_file: "},
      {{.cert_file = good.cert_file}, "server.grpc_tls_config: cert_file and key_file"},
      {{.cert_file = good.cert_file,
        .key_file = good.key_file,
        .client_auth_type = "VerifyClientCertIfGiven",
        .client_ca_file = no_pem},
       "server.grpc_tls_config.client_ca_file: "},
  };
  for (const auto& [options, text] : rows) {
    const auto credentials = MakeGrpcCredentials(options);
    EXPECT_THAT(credentials, HasCode(StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(std::string(credentials.status().message()), HasSubstr(text));
  }
}

TEST_F(GrpcCredentialsTest, RefusesToStartWithAKeyOfAnother) {
  TlsOptions tls = WithCertificate();
  std::string key(test::kTestKey);
  key[key.size() / 2] = key[key.size() / 2] == 'A' ? 'B' : 'A';
  tls.key_file = File("other.pem", key);
  GrpcHost host({.address = "127.0.0.1", .port = 0, .tls = tls}, executor_);
  const Status status = host.Start();
  EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("server.grpc_tls_config.key_file: " + tls.key_file + ": "));
}

TEST_F(GrpcCredentialsTest, TakesCertificatesAsText) {
  EXPECT_EQ(Call({.cert = std::string(test::kTestCertificate), .key = std::string(test::kTestKey)},
                 false),
            grpc::StatusCode::OK);
}

TEST_F(GrpcCredentialsTest, NamesWhatItCannotBeTold) {
  const std::string_view older = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
  const std::string_view recent = "TLS_AES_128_GCM_SHA256";
  TlsOptions tls = WithCertificate();
  EXPECT_THAT(UnmetByGrpc(tls, "", ""), IsEmpty());
  EXPECT_THAT(UnmetByGrpc(tls, "VersionTLS12", older), IsEmpty());
  EXPECT_THAT(UnmetByGrpc(tls, "VersionTLS13", ""), IsEmpty());
  EXPECT_THAT(UnmetByGrpc({}, "VersionTLS10", recent), IsEmpty());
  EXPECT_THAT(UnmetByGrpc(tls, "VersionTLS10", recent),
              ElementsAre(HasSubstr("server.tls_min_version: VersionTLS10 holds for HTTP alone"),
                          HasSubstr("server.tls_cipher_suites: those of TLS 1.3 "
                                    "(TLS_AES_128_GCM_SHA256) hold for HTTP alone")));
  tls.client_auth_type = "RequireAnyClientCert";
  EXPECT_THAT(UnmetByGrpc(tls, "", ""),
              ElementsAre(HasSubstr("server.grpc_tls_config.client_auth_type: with "
                                    "RequireAnyClientCert, gRPC serves a certificate that is")));
}

}  // namespace
}  // namespace skald::net
