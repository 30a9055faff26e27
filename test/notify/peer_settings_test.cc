#include "notify/peer_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "notify/fake_receiver.h"
#include "support/faulty_file_system.h"
#include "support/forward_proxy.h"
#include "support/matchers.h"
#include "support/temp_folder.h"
#include "support/tls_files.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

Result<PeerOptions> CompilePeers(const std::string& yaml) {
  PeerSettings settings;
  Settings reader;
  AddPeerSettings(reader, &settings);
  std::vector<std::string> ignored;
  SKALD_RETURN_IF_ERROR(reader.ReadNode(ParseYaml(yaml).value(), "peer", {}, ignored));
  return CompilePeer(settings, {});
}

class PeerSettingsTest : public testing::Test {
 protected:
  PeerSettingsTest() { std::ofstream(ca_) << test::kTestCertificate; }

  int Post(const std::string& yaml, const std::string& url) {
    const auto options = CompilePeers(yaml);
    EXPECT_THAT(options, IsOk());
    Peer peer(*options, files_, clock_);
    const auto answer = peer.Post(url, {}, "body", CancelToken());
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->status : 0;
  }

  test::TempFolder folder_;
  const std::string ca_ = folder_.path() + "/ca.pem";
  SystemClock clock_;
  test::FaultyFileSystem files_;
};

TEST_F(PeerSettingsTest, ReachesATlsServerByAnotherNameThroughAProxy) {
  FakeReceiver receiver(
      {.cert = std::string(test::kTestCertificate), .key = std::string(test::kTestKey)});
  test::ForwardProxy proxy(receiver.port());
  EXPECT_EQ(Post("{proxy_url: 'http://me:hush@" + proxy.address() +
                     "', proxy_connect_header: {X-Team: [blue, red]}, bearer_token: t0k, "
                     "tls_config: {server_name: localhost, ca_file: " +
                     ca_ + "}}",
                 "https://receiver.example/push"),
            200);
  ASSERT_THAT(receiver.requests(), SizeIs(1));
  EXPECT_EQ(receiver.requests()[0].headers.Get("Host"), "receiver.example");
  EXPECT_EQ(receiver.requests()[0].headers.Get("Authorization"), "Bearer t0k");
  EXPECT_FALSE(receiver.requests()[0].headers.Has("X-Team"));
  ASSERT_THAT(proxy.heads(), SizeIs(1));
  EXPECT_THAT(proxy.heads()[0], StartsWith("CONNECT receiver.example:443 HTTP/1.1\r\n"));
  EXPECT_THAT(proxy.heads()[0], HasSubstr("\r\nX-Team: blue\r\nX-Team: red\r\n"));
  EXPECT_THAT(proxy.heads()[0], HasSubstr("\r\nProxy-Authorization: Basic bWU6aHVzaA==\r\n"));
}

TEST_F(PeerSettingsTest, ReachesTheServerOfTokensByAWayOfItsOwn) {
  FakeReceiver issuer(
      {.cert = std::string(test::kTestCertificate), .key = std::string(test::kTestKey)});
  issuer.Answer(net::MakeResponse(200, "application/json", R"({"access_token": "t0k"})"));
  FakeReceiver receiver;
  test::ForwardProxy proxy(issuer.port());
  EXPECT_EQ(
      Post("{oauth2: {client_id: me, client_secret: hush, scopes: [a, b], token_url: "
           "'https://issuer.example/token', endpoint_params: {x: y}, proxy_url: 'http://" +
               proxy.address() + "', tls_config: {server_name: localhost, ca_file: " + ca_ + "}}}",
           receiver.url() + "/push"),
      200);
  EXPECT_EQ(receiver.requests().at(0).headers.Get("Authorization"), "Bearer t0k");
  EXPECT_EQ(issuer.requests().at(0).headers.Get("Authorization"), "Basic bWU6aHVzaA==");
  EXPECT_EQ(issuer.requests().at(0).body, "grant_type=client_credentials&scope=a%20b&x=y");
  ASSERT_THAT(proxy.heads(), SizeIs(1));
  EXPECT_THAT(proxy.heads()[0], StartsWith("CONNECT issuer.example:443 "));
}

TEST_F(PeerSettingsTest, FollowsRedirectsUnlessToldNotTo) {
  FakeReceiver receiver;
  receiver.AnswerBy([](const net::Request& request) {
    if (request.path != "/old") return net::TextResponse(200, "");
    net::Response moved = net::TextResponse(307, "");
    moved.headers.Add("Location", "/new");
    return moved;
  });
  EXPECT_EQ(Post("{}", receiver.url() + "/old"), 200);
  EXPECT_EQ(receiver.requests().back().body, "body");
  EXPECT_EQ(Post("{follow_redirects: false}", receiver.url() + "/old"), 307);
  EXPECT_EQ(Post("{sigv4: {region: r, access_key: a, secret_key: s}}", receiver.url() + "/old"),
            307);
}

TEST_F(PeerSettingsTest, NamesWhatIsWrong) {
  const struct {
    const char* yaml;
    const char* text;
  } cases[] = {
      {"{azuread: {cloud: x}}", "azuread is not supported"},
      {"{proxy_url: 'p:1'}", "proxy_url: p:1: no scheme"},
      {"{proxy_url: 'ftp://me:hush@p'}", "proxy_url: ftp://p: its scheme is none of"},
      {"{no_proxy: a}", "if no_proxy is configured, proxy_url must be"},
      {"{proxy_from_environment: true, proxy_url: 'http://p'}", "proxy_url must not be"},
      {"{proxy_from_environment: true, no_proxy: a}", "no_proxy must not be"},
      {"{proxy_connect_header: {a: [b]}}", "if proxy_connect_header is configured"},
      {"{proxy_connect_header: [a], proxy_url: 'http://p'}", "proxy_connect_header is no map"},
      {"{proxy_connect_header: {a: [\"b\\n\"]}, proxy_url: 'http://p'}",
       "header a holds a line end"},
      {"{tls_config: {server_name: 'a:443'}}", "server_name a:443: no name of a host"},
      {"{tls_config: {server_name: '*.b'}}", "server_name *.b: no name of a host"},
      {"{tls_config: {server_name: b}, proxy_url: 'http://p', no_proxy: c}",
       "no_proxy cannot be used beside tls_config.server_name"},
      {"{oauth2: {token_url: 'http://t'}}", "oauth2: client_id must be configured"},
      {"{oauth2: {client_id: a}}", "oauth2: token_url must be configured"},
      {"{oauth2: {client_id: a, token_url: t}}", "oauth2: token_url: t: no scheme"},
      {"{oauth2: {client_id: a, token_url: 'http://a:hush@t'}}",
       "oauth2: token_url must not hold a name and a password"},
      {"{oauth2: {client_id: a, token_url: 'http://t', client_secret: hush, "
       "client_secret_file: b}}",
       "oauth2: at most one of client_secret & client_secret_file"},
      {"{oauth2: {client_id: a, token_url: 'http://t', no_proxy: b}}", "oauth2: if no_proxy"},
      {"{oauth2: {client_id: a, token_url: 'http://t', scopes: [b], endpoint_params: {scope: c}}}",
       "oauth2: endpoint_params must not name scope"},
      {"{oauth2: {client_id: a, token_url: 'http://t', endpoint_params: [b]}}",
       "oauth2: endpoint_params is no map"},
      {"{oauth2: {clint_id: a}}", "client_id"},
      {"{sigv4: {region: r, role_arn: a}}", "sigv4: role_arn is not supported"},
      {"{bearer_token: hush, sigv4: {region: r}}", "here are authorization and sigv4"},
      {"{basic_auth: {username: a}, oauth2: {client_id: a, token_url: 'http://t'}}",
       "here are basic_auth and oauth2"},
  };
  for (const auto& c : cases) {
    const auto options = CompilePeers(c.yaml);
    EXPECT_THAT(options, HasCode(StatusCode::kInvalidArgument)) << c.yaml;
    EXPECT_THAT(options, HasMessage(HasSubstr(c.text)));
    EXPECT_THAT(options, HasMessage(Not(HasSubstr("hush"))));
  }
}

}  // namespace
}  // namespace skald::notify
