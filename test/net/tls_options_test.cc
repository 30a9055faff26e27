#include "net/tls_options.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/matchers.h"

namespace skald::net {
namespace {

using test::HasCode;
using test::IsOk;
using testing::HasSubstr;

TEST(TlsOptionsTest, NamesTheSettingThatIsWrong) {
  const struct {
    TlsOptions options;
    std::string_view text;
  } rows[] = {
      {{.cert_file = "c"}, "x: cert_file and key_file go together"},
      {{.key_file = "k"}, "x: cert_file and key_file go together"},
      {{.client_ca_file = "a"}, "x: clients can be known by certificates only with TLS"},
      {{.client_auth_type = "NoClientCert"}, "set cert_file and key_file"},
      {{.client_auth_type = "Sometimes"}, "x.client_auth_type: unknown type 'Sometimes'"},
      {{.cert_file = "c", .key_file = "k", .client_auth_type = "RequireAndVerifyClientCert"},
       "x.client_ca_file: RequireAndVerifyClientCert needs it"},
      {{.cert_file = "c", .key_file = "k", .client_ca_file = "a"},
       "x.client_ca_file: nothing is verified"},
      {{.cert_file = "c", .key_file = "k", .cert = "t"}, "x.cert: cert and cert_file say the same"},
      {{.cert_file = "c", .key_file = "k", .key = "t"}, "x.key: key and key_file say the same"},
      {{.key = "t"}, "x: cert_file and key_file go together"},
  };
  for (const auto& [options, text] : rows) {
    const auto auth = CheckTlsOptions(options, "x");
    ASSERT_THAT(auth, HasCode(StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(std::string(auth.status().message()), HasSubstr(text));
  }
}

TEST(TlsOptionsTest, SaysHowClientsMakeThemselvesKnown) {
  const struct {
    std::string_view type;
    std::string_view ca;
    ClientAuth auth;
  } rows[] = {
      {"", "", ClientAuth::kNone},
      {"NoClientCert", "", ClientAuth::kNone},
      {"RequestClientCert", "", ClientAuth::kRequest},
      {"RequireAnyClientCert", "", ClientAuth::kRequireAny},
      {"VerifyClientCertIfGiven", "a", ClientAuth::kVerifyIfGiven},
      {"RequireAndVerifyClientCert", "a", ClientAuth::kRequireAndVerify},
  };
  for (const auto& [type, ca, auth] : rows) {
    const auto read = CheckTlsOptions({.cert_file = "c",
                                       .key_file = "k",
                                       .client_auth_type = std::string(type),
                                       .client_ca_file = std::string(ca)},
                                      "x");
    ASSERT_THAT(read, IsOk()) << type;
    EXPECT_EQ(*read, auth) << type;
  }
}

}  // namespace
}  // namespace skald::net
