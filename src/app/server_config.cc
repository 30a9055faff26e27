#include "app/server_config.h"

#include <string>

#include "app/app_config.h"

namespace skald::app {
namespace {

void AddConnections(Settings& s, AppConfig* c) {
  s.Add("server.http_listen_conn_limit", &c->http.max_connections,
        "Connections over HTTP at once, beyond which others wait; 0 for no bound",
        "server.http-conn-limit");
  s.Add("server.proxy_protocol_enabled", &c->proxy_protocol_enabled,
        "Refused if true: the PROXY protocol is not understood");
  s.Add("server.http_server_read_timeout", &c->http.read_timeout,
        "Time that a request's body may take", "server.http-read-timeout");
  s.Add("server.http_server_read_header_timeout", &c->http.header_timeout,
        "Time that a request's header may take; 0 for 30s", "server.http-read-header-timeout");
  s.Add("server.http_server_write_timeout", &c->http.write_timeout,
        "Time that an answer may take on its way out", "server.http-write-timeout");
  s.Add("server.http_server_idle_timeout", &c->http.idle_timeout,
        "Time that a connection may be idle", "server.http-idle-timeout");
  s.Add("server.grpc_server_max_connection_idle", &c->grpc.max_connection_idle,
        "Time without calls after which a connection over gRPC is closed",
        "server.grpc.keepalive.max-connection-idle");
  s.Add("server.grpc_server_max_connection_age", &c->grpc.max_connection_age,
        "Age at which a connection over gRPC is closed",
        "server.grpc.keepalive.max-connection-age");
  s.Add("server.grpc_server_max_connection_age_grace", &c->grpc.max_connection_age_grace,
        "Time that its calls then get", "server.grpc.keepalive.max-connection-age-grace");
  s.Add("server.grpc_server_keepalive_time", &c->grpc.keepalive_time,
        "Silence after which a client of gRPC is pinged", "server.grpc.keepalive.time");
  s.Add("server.grpc_server_keepalive_timeout", &c->grpc.keepalive_timeout,
        "Time after that in which it must answer", "server.grpc.keepalive.timeout");
  s.Add("server.grpc_server_min_time_between_pings", &c->grpc.min_time_between_pings,
        "A client of gRPC that pings more often is cut off",
        "server.grpc.keepalive.min-time-between-pings");
  s.Add("server.grpc_server_ping_without_stream_allowed", &c->grpc.ping_without_calls,
        "Whether it may ping while no call of its is under way",
        "server.grpc.keepalive.ping-without-stream-allowed");
}

void AddRequestLog(Settings& s, api::RequestLog::Options* o) {
  s.Add("server.log_request_at_info_level_enabled", &o->at_info,
        "Whether requests over HTTP are logged at level info rather than debug");
  s.Add("server.log_request_headers", &o->headers,
        "Whether with their headers, those excepted that may hold secrets");
  s.Add("server.log_request_exclude_headers_list", &o->excluded_headers,
        "Further headers to leave out", "server.log-request-headers-exclude-list");
  s.Add("server.log_source_ips_enabled", &o->source_ips,
        "Whether with the address that they come from, behind proxies too");
  s.Add("server.log_source_ips_full", &o->all_source_ips,
        "Whether with all addresses that proxies name rather than the first");
  s.Add("server.log_source_ips_header", &o->source_ip_header,
        "Header that names the address; if empty, X-Forwarded-For, X-Real-IP or Forwarded");
  s.Add("server.log_source_ips_regex", &o->source_ip_regex,
        "Regular expression that finds it there, as its first group");
}

// TLS of `protocol`, which settings write as `name`.
void AddTls(Settings& s, const std::string& protocol, const std::string& name,
            net::TlsOptions* tls) {
  const std::string key = "server." + name + "_tls_config.";
  const std::string flag = "server." + name + "-tls-";
  s.Add(key + "cert_file", &tls->cert_file,
        "Certificate that " + protocol +
            " is served with, in PEM, read again when it changes; without one it is clear text",
        flag + "cert-path");
  s.Add(key + "key_file", &tls->key_file, "Its key", flag + "key-path");
  s.Add(key + "client_auth_type", &tls->client_auth_type,
        "Whether clients show certificates: NoClientCert, RequestClientCert, RequireAnyClientCert, "
        "VerifyClientCertIfGiven or RequireAndVerifyClientCert",
        flag + "client-auth");
  s.Add(key + "client_ca_file", &tls->client_ca_file, "Certificates that clients' are verified by",
        flag + "ca-path");
  s.Add(key + "cert", &tls->cert, "As cert_file, as text", "-");
  s.Add(key + "key", &tls->key, "As key_file, as text", "-");
  s.Conceal(key + "key");
  s.Add(key + "client_ca", &tls->client_ca, "As client_ca_file, as text", "-");
}

void AddServer(Settings& s, AppConfig* c) {
  s.Add("server.http_listen_address", &c->http_listen_address,
        "Address that HTTP is served on; empty for all");
  s.Add("server.http_listen_port", &c->http_listen_port, "Port that HTTP is served on");
  s.Add("server.http_path_prefix", &c->http_path_prefix, "Prefix of every URL, as /logs",
        "server.path-prefix");
  s.Add("server.register_instrumentation", &c->register_instrumentation,
        "Whether /metrics and /debug/pprof are served");
  s.Add("server.grpc_listen_address", &c->grpc.address,
        "Address that gRPC is served on; empty for all");
  s.Add("server.grpc_listen_port", &c->grpc.port,
        "Port that gRPC is served on: pushes of Loki's clients and of OpenTelemetry's; 0 for any");
  s.Add("server.grpc_server_max_recv_msg_size", &c->grpc.max_receive_bytes,
        "Bytes of a message that comes over gRPC", "server.grpc-max-recv-msg-size-bytes");
  s.Add("server.grpc_server_max_send_msg_size", &c->grpc.max_send_bytes,
        "Bytes of a message that goes over gRPC", "server.grpc-max-send-msg-size-bytes");
  s.Add("server.grpc_server_max_concurrent_streams", &c->grpc.max_concurrent_calls,
        "Calls at once over a connection of gRPC", "server.grpc-max-concurrent-streams");
  AddTls(s, "HTTP", "http", &c->http.tls);
  AddTls(s, "gRPC", "grpc", &c->grpc.tls);
  s.Add("server.tls_min_version", &c->http.tls_min_version,
        "Oldest TLS that is taken: VersionTLS10 to VersionTLS13, VersionTLS12 if empty, which is "
        "the oldest of gRPC");
  s.Add("server.tls_cipher_suites", &c->http.tls_cipher_suites,
        "Ciphers of TLS, by their standard names and separated by commas, OpenSSL's own if empty; "
        "gRPC takes all of TLS 1.3");
  s.Add("server.log_format", &c->log_format, "logfmt or json", "log.format");
  s.Add("server.log_level", &c->log_level, "debug, info, warn or error", "log.level");
  s.Add("server.graceful_shutdown_timeout", &c->graceful_shutdown_timeout,
        "Time that requests under way get at the end");
}

}  // namespace

void AddServerConfig(Settings& settings, AppConfig* config) {
  AddServer(settings, config);
  AddConnections(settings, config);
  AddRequestLog(settings, &config->request_log);
}

}  // namespace skald::app
