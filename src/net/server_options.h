#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace skald::net {

// TLS of a server; none without a certificate. All in PEM.
struct TlsOptions {
  std::string cert_file;
  std::string key_file;
  std::string client_auth_type;  // As Go's crypto/tls has them; NoClientCert if empty.
  std::string client_ca_file;    // That clients' certificates are verified by.
  // The same as text, in the place of files.
  std::string cert;
  std::string key;
  std::string client_ca;

  bool enabled() const { return !cert_file.empty() || !cert.empty(); }
  bool operator==(const TlsOptions&) const = default;
};

struct HttpServerOptions {
  std::string address;          // A name or an IP address; empty: every interface.
  uint16_t port = 0;            // 0: a free one, see HttpServer::port().
  int max_connections = 0;      // At once; further ones wait to be accepted. 0: no bound.
  size_t io_threads = 2;        // Parse and write; never run handlers.
  size_t handler_threads = 16;  // Requests whose route names no executor run here.

  // Bounds the request line and, by itself, the header fields. Queries of a mebibyte in a URL
  // are real: dashboards with long variables.
  size_t max_header_bytes = (1 << 20) + (64 << 10);
  uint64_t max_body_bytes = 100 << 20;  // For routes without a limit of their own.
  size_t gzip_min_bytes = 1024;         // Smaller answers gain nothing.

  // The whole header must come within this time from its first byte.
  std::chrono::nanoseconds header_timeout = std::chrono::seconds(30);
  // For a body, and for an answer on its way out. Each 128 KiB moved earns a second more, so
  // that large ones pass over slow lines and a trickle does not.
  std::chrono::nanoseconds read_timeout = std::chrono::seconds(30);
  std::chrono::nanoseconds write_timeout = std::chrono::seconds(30);
  // How often the peer of a WebSocket is pinged, and how long it may be silent all the same: a slow
  // reader gets to a ping late.
  std::chrono::nanoseconds websocket_ping_interval = std::chrono::seconds(1);
  std::chrono::nanoseconds websocket_timeout = std::chrono::minutes(1);
  // Between requests.
  std::chrono::nanoseconds idle_timeout = std::chrono::minutes(2);
  // How often deadlines are looked at, and thus how late one may be noticed. In real time.
  std::chrono::nanoseconds sweep_interval = std::chrono::milliseconds(250);

  TlsOptions tls = {};
  // As Go's crypto/tls names them: VersionTLS12 if empty, and suites separated by commas, empty for
  // OpenSSL's own.
  std::string tls_min_version;
  std::string tls_cipher_suites;
};

struct Request;

// One answered request, for metrics and the access log.
struct RequestRecord {
  std::string_view route;  // "notfound" where none was found, or the request was no HTTP.
  std::string_view method;
  int status = 0;
  bool websocket = false;            // The connection has become one.
  double seconds = 0;                // From the complete header to the complete answer.
  size_t request_bytes = 0;          // Of the body, as sent.
  size_t response_bytes = 0;         // Of the body, as sent.
  const Request* request = nullptr;  // Of HTTP alone; its body may have been taken away.
};

// Called once for each answer, before it is written. Must not block; any thread of the server, or
// of a route's executor. The request, and the method as a view of it, are not to be kept.
using RequestObserver = std::function<void(const RequestRecord&)>;

// How gRPC is served.
struct GrpcHostOptions {
  std::string address;                   // Empty: all.
  int port = 9095;                       // 0: any that is free.
  uint64_t max_receive_bytes = 4 << 20;  // Of a message.
  uint64_t max_send_bytes = 4 << 20;
  int max_concurrent_calls = 100;  // Of a connection.
  // Connections that are closed: after being idle, after an age, and so long after that their calls
  // are cut.
  std::chrono::nanoseconds max_connection_idle = std::chrono::nanoseconds::max();
  std::chrono::nanoseconds max_connection_age = std::chrono::nanoseconds::max();
  std::chrono::nanoseconds max_connection_age_grace = std::chrono::nanoseconds::max();
  // A silent peer is pinged after the first, and is gone if it does not answer within the second.
  std::chrono::nanoseconds keepalive_time = std::chrono::hours(2);
  std::chrono::nanoseconds keepalive_timeout = std::chrono::seconds(20);
  // A client that pings more often is cut off, or at all while it has no call under way.
  std::chrono::nanoseconds min_time_between_pings = std::chrono::seconds(10);
  bool ping_without_calls = true;
  TlsOptions tls = {};
};

}  // namespace skald::net
