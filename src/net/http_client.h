#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/executor.h"
#include "common/status.h"
#include "net/http_types.h"

namespace skald::net {

struct HttpClientOptions {
  std::string user_agent = "skald";
  std::string username;  // With a password: basic authentication on each request.
  std::string password;

  std::string ca_file;    // Trust these certificates; empty: the system's.
  std::string cert_file;  // Shown to a server that asks for one; with key_file.
  std::string key_file;
  bool skip_verification = false;  // Take any certificate of the server.
  std::string server_name;         // Whom the certificate must be for; empty: the URL's host.

  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);  // Retries included.
  size_t max_response_bytes = size_t{1} << 30;                  // After decompression.
  size_t max_idle_transfers = 32;                               // Kept with their open connections.

  int max_attempts = 3;
  std::chrono::nanoseconds min_backoff = std::chrono::milliseconds(100);  // Doubles up to:
  std::chrono::nanoseconds max_backoff = std::chrono::seconds(10);
  uint64_t backoff_seed = 0;  // Attempts of several clients spread by up to half the pause.

  // http, https, socks5 or socks5h, without name and password; empty: none but the environment's.
  std::string proxy_url;
  std::string proxy_username;
  std::string proxy_password;
  std::string no_proxy;   // Hosts, domains and networks that proxy_url is not used for, by commas.
  Headers proxy_headers;  // For the proxy alone: sent where it makes a tunnel, to an https URL.
  bool proxy_from_environment = true;  // http_proxy, https_proxy and no_proxy, as curl reads them.
  // With method and body. `Authorization` goes to no other host, other headers do; https does not
  // become http. None is followed where server_name is used.
  bool follow_redirects = false;
};

// kInvalidArgument for a server name or header of a proxy that no request can be made with.
Status CheckHttpClientOptions(const HttpClientOptions& options);

enum class RetryPolicy {
  kIfIdempotent,  // GET, HEAD, PUT, DELETE and OPTIONS.
  kNever,
  kAlways,  // The caller knows that a second POST does no harm.
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;  // http or https, encoded.
  Headers headers;
  std::string_view body;  // Borrowed until Send returns.
  std::chrono::nanoseconds timeout = std::chrono::nanoseconds::zero();  // 0: the client's.
  RetryPolicy retry = RetryPolicy::kIfIdempotent;
  bool accept_gzip = true;  // Ask for gzip and undo it.
};

// Sends requests over connections that it keeps open and uses again.
//
// Order:     no order; destroy it after the last Send has returned.
// Ownership: borrows the clock, which must outlive it and run in real time.
// Threads:   any thread may call Send; each call has a connection to itself.
// Cost:      Send blocks. It notices a cancelled token within 20 ms.
class HttpClient {
 public:
  using Options = HttpClientOptions;

  HttpClient(const Options& options, const Clock& clock);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The server's answer, of whatever status. Tries again after a failed connection and after the
  // statuses 429, 500, 502, 503 and 504, as the request's policy allows; Retry-After is heeded.
  // kInvalidArgument: a URL or header that cannot be sent; kUnavailable: no connection, no
  // answer, or no trust in the server's certificate; kDeadlineExceeded: no answer in time;
  // kCancelled: `cancel` fired; kResourceExhausted: an answer over max_response_bytes.
  Result<Response> Send(const ClientRequest& request, const CancelToken& cancel = CancelToken());

 private:
  struct Rep;  // Keeps curl out of this header.
  std::unique_ptr<Rep> rep_;
};

// How long the server asks to wait, by Retry-After in seconds or as a date; nothing if it does not.
std::optional<std::chrono::nanoseconds> RetryAfter(const Response& response, int64_t now_ns);

}  // namespace skald::net
