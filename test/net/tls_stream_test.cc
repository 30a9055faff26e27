#include "net/tls_stream.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/raw_client.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/temp_folder.h"
#include "support/tls_files.h"

namespace skald::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::HasCode;
using test::IsOk;
using testing::HasSubstr;
using testing::StartsWith;

constexpr size_t kLargeBytes = 32 << 20;  // More than the kernel keeps for a connection.

// The first message of a client that speaks TLS.
std::string ClientHello() {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  BIO* sent = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), sent);
  SSL_connect(ssl.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(sent, &data);
  return std::string(data, static_cast<size_t>(size));
}

class TlsStreamTest : public testing::Test {
 protected:
  TlsStreamTest() {
    std::signal(SIGPIPE, SIG_IGN);
    router_.Add({"POST"}, "/echo", "echo",
                [](Request& request) { return TextResponse(200, request.body); });
    router_.Add({"GET"}, "/large", "large",
                [](Request&) { return TextResponse(200, std::string(kLargeBytes, 'x')); });
    options_.address = "127.0.0.1";
    options_.handler_threads = 2;
    options_.sweep_interval = milliseconds(2);
    options_.tls = {.cert_file = File("cert.pem", test::kTestCertificate),
                    .key_file = File("key.pem", test::kTestKey)};
  }

  std::string File(const std::string& name, std::string_view text) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  void Start() {
    server_ = std::make_unique<HttpServer>(options_, router_, clock_);
    ASSERT_THAT(server_->Start(), IsOk());
  }

  // The answer to one request of a client that trusts the server, and shows its certificate as its
  // own if `known`.
  Result<Response> Ask(ClientRequest request, bool known = false) {
    HttpClientOptions options{.ca_file = options_.tls.cert_file, .max_attempts = 1};
    if (known) {
      options.cert_file = options_.tls.cert_file;
      options.key_file = options_.tls.key_file;
    }
    const SystemClock real;
    HttpClient client(options, real);
    request.url = "https://127.0.0.1:" + std::to_string(server_->port()) + request.url;
    return client.Send(request);
  }

  test::TempFolder folder_;
  test::ManualClock clock_;
  Router router_;
  HttpServerOptions options_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(TlsStreamTest, CarriesWhatIsLargerThanTheKernelsBuffers) {
  Start();
  auto large = Ask({.url = "/large"});
  ASSERT_THAT(large, IsOk());
  EXPECT_EQ(large->body, std::string(kLargeBytes, 'x'));
  const std::string body(3 << 20, 'y');
  auto echo = Ask({.method = "POST", .url = "/echo", .body = body});
  ASSERT_THAT(echo, IsOk());
  EXPECT_EQ(echo->body, body);
}

TEST_F(TlsStreamTest, LetsInTheClientsThatItIsToldTo) {
  const struct {
    const char* type;
    bool needs_authority;
    bool unknown_is_served;
  } rows[] = {{"NoClientCert", false, true},
              {"RequestClientCert", false, true},
              {"RequireAnyClientCert", false, false},
              {"VerifyClientCertIfGiven", true, true},
              {"RequireAndVerifyClientCert", true, false}};
  for (const auto& [type, needs_authority, unknown_is_served] : rows) {
    options_.tls.client_auth_type = type;
    options_.tls.client_ca_file = needs_authority ? options_.tls.cert_file : "";
    Start();
    const ClientRequest request{.method = "POST", .url = "/echo", .body = "hello"};
    EXPECT_THAT(Ask(request, true), IsOk()) << type;
    if (unknown_is_served) {
      EXPECT_THAT(Ask(request, false), IsOk()) << type;
    } else {
      EXPECT_THAT(Ask(request, false), HasCode(StatusCode::kUnavailable)) << type;
    }
  }
}

TEST_F(TlsStreamTest, TellsAClientOfPlainHttpWhatIsServed) {
  Start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"));
  const std::string answer = client.ReadToEnd();
  EXPECT_THAT(answer, StartsWith("HTTP/1.0 400 Bad Request\r\n"));
  EXPECT_THAT(answer, HasSubstr("Client sent an HTTP request to an HTTPS server."));
}

TEST_F(TlsStreamTest, GoesOnServingWhateverAHandshakeHolds) {
  Start();
  const std::string hello = ClientHello();
  ASSERT_GT(hello.size(), 100u);
  for (size_t i = 0; i < hello.size(); ++i) {
    std::string damaged = hello;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
    RawClient client(server_->port());
    client.Send(damaged);
    client.EndSending();
    client.ReadToEnd();  // Ends, with an alert or without.
  }
  EXPECT_THAT(Ask({.method = "POST", .url = "/echo", .body = "alive"}), IsOk());
}

TEST_F(TlsStreamTest, CutsAHandshakeThatDoesNotEnd) {
  Start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(ClientHello().substr(0, 20)));
  while (server_->connections() == 0) {
    std::this_thread::yield();
  }
  while (server_->connections() > 0) {  // Its time may begin later than it is counted.
    clock_.Advance(options_.header_timeout + seconds(1));
    std::this_thread::sleep_for(options_.sweep_interval);
  }
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(TlsStreamTest, StopsWithConnectionsOpen) {
  Start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(ClientHello()));
  server_->Stop(milliseconds(1));
  client.ReadToEnd();
}

}  // namespace
}  // namespace skald::net
