#include "notify/peer_settings.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skald::notify {
namespace {

using Kind = ConfigNode::Kind;

// What requests for tokens share with those that need them: the way.
void AddWay(Settings& s, net::HttpClientOptions* http, ConfigNode* proxy_connect_header,
            ConfigNode* passed_over) {
  s.Add("tls_config.ca_file", &http->ca_file, "", "-");
  s.Add("tls_config.cert_file", &http->cert_file, "", "-");
  s.Add("tls_config.key_file", &http->key_file, "", "-");
  s.Add("tls_config.server_name", &http->server_name, "", "-");
  s.Add("tls_config.insecure_skip_verify", &http->skip_verification, "", "-");
  s.Add("tls_config.min_version", passed_over, "");
  s.Add("tls_config.max_version", passed_over, "");
  s.Add("proxy_url", &http->proxy_url, "", "-");
  s.Add("no_proxy", &http->no_proxy, "", "-");
  s.Add("proxy_from_environment", &http->proxy_from_environment, "", "-");
  s.Add("proxy_connect_header", proxy_connect_header, "");
}

// `proxy_connect_header`: names with a list of values each.
Status AddProxyHeaders(const ConfigNode& node, net::Headers& headers) {
  if (node.kind == Kind::kNull) return {};
  if (node.kind != Kind::kMap) {
    return InvalidArgument("proxy_connect_header is no map of names to lists of values");
  }
  for (const auto& [name, values] : node.members) {
    if (values.kind == Kind::kScalar) headers.Add(name, values.scalar);
    for (const ConfigNode& value : values.items) headers.Add(name, value.scalar);
  }
  return {};
}

// Moves name and password out of the URL, as curl's errors show it.
Status CompileProxy(const ConfigNode& connect_header, net::HttpClientOptions& http) {
  const bool has_headers = connect_header.kind != Kind::kNull;
  if (http.proxy_from_environment && !http.proxy_url.empty()) {
    return InvalidArgument("if proxy_from_environment is configured, proxy_url must not be");
  }
  if (http.proxy_from_environment && !http.no_proxy.empty()) {
    return InvalidArgument("if proxy_from_environment is configured, no_proxy must not be");
  }
  if (!http.no_proxy.empty() && http.proxy_url.empty()) {
    return InvalidArgument("if no_proxy is configured, proxy_url must be, too");
  }
  if (has_headers && !http.proxy_from_environment && http.proxy_url.empty()) {
    return InvalidArgument(
        "if proxy_connect_header is configured, proxy_url or proxy_from_environment must be, too");
  }
  SKALD_RETURN_IF_ERROR(AddProxyHeaders(connect_header, http.proxy_headers));
  // It would be compared with that name, not with the URL's host.
  if (!http.no_proxy.empty() && !http.server_name.empty()) {
    return InvalidArgument(
        "no_proxy cannot be used beside tls_config.server_name: leave out proxy_url where it is "
        "not "
        "wanted");
  }
  if (http.proxy_url.empty()) return {};
  SKALD_RETURN_IF_ERROR(Annotate(
      MoveUserInfo(http.proxy_url, http.proxy_username, http.proxy_password), "proxy_url"));
  constexpr std::array<std::string_view, 4> kSchemes = {"http", "https", "socks5", "socks5h"};
  const std::string_view scheme =
      std::string_view(http.proxy_url).substr(0, http.proxy_url.find(':'));
  for (const std::string_view known : kSchemes) {
    if (scheme == known) return {};
  }
  return InvalidArgument("proxy_url: " + http.proxy_url +
                         ": its scheme is none of http, https, socks5 and socks5h");
}

Status CheckOAuth2(const OAuth2Options& options) {
  if (options.client_id.empty()) return InvalidArgument("client_id must be configured");
  if (options.token_url.empty()) return InvalidArgument("token_url must be configured");
  if (!options.client_secret.empty() && !options.client_secret_file.empty()) {
    return InvalidArgument("at most one of client_secret & client_secret_file must be configured");
  }
  std::string url = options.token_url;
  std::string username;
  std::string password;
  SKALD_RETURN_IF_ERROR(Annotate(MoveUserInfo(url, username, password), "token_url"));
  if (!username.empty() || !password.empty()) {
    return InvalidArgument(
        "token_url must not hold a name and a password: use client_id and client_secret");
  }
  for (const auto& [name, value] : options.endpoint_params) {
    if (name == "scope" && !options.scopes.empty()) {
      return InvalidArgument("endpoint_params must not name scope beside scopes");
    }
  }
  return {};
}

// Without the timeout of its requests.
Result<OAuth2Options> CompileOAuth2(const ConfigNode& node) {
  OAuth2Options options{.http = {.proxy_from_environment = false}};
  ConfigNode connect_header;
  ConfigNode endpoint_params;
  ConfigNode passed_over;
  Settings reader;
  AddWay(reader, &options.http, &connect_header, &passed_over);
  reader.Add("client_id", &options.client_id, "", "-");
  reader.Add("client_secret", &options.client_secret, "", "-");
  reader.Add("client_secret_file", &options.client_secret_file, "", "-");
  reader.Add("scopes", &options.scopes, "", "-");
  reader.Add("token_url", &options.token_url, "", "-");
  reader.Add("endpoint_params", &endpoint_params, "");
  std::vector<std::string> ignored;
  SKALD_RETURN_IF_ERROR(reader.ReadNode(node, "oauth2", {}, ignored));
  if (endpoint_params.kind != Kind::kNull && endpoint_params.kind != Kind::kMap) {
    return InvalidArgument("endpoint_params is no map of names to values");
  }
  for (const auto& [name, value] : endpoint_params.members) {
    options.endpoint_params.emplace_back(name, value.scalar);
  }
  SKALD_RETURN_IF_ERROR(CheckOAuth2(options));
  SKALD_RETURN_IF_ERROR(CompileProxy(connect_header, options.http));
  options.http.max_attempts = 1;
  options.http.max_response_bytes = 1 << 20;
  return options;
}

}  // namespace

void AddPeerSettings(Settings& s, PeerSettings* p) {
  PeerOptions* peer = &p->peer;
  s.Add("basic_auth.username", &peer->http.username, "", "-");
  s.Add("basic_auth.password", &peer->http.password, "", "-");
  s.Add("basic_auth.password_file", &peer->password_file, "", "-");
  s.Add("authorization.type", &peer->authorization_type, "", "-");
  s.Add("authorization.credentials", &peer->credentials, "", "-");
  s.Add("authorization.credentials_file", &peer->credentials_file, "", "-");
  s.Add("bearer_token", &peer->credentials, "", "-");
  s.Add("bearer_token_file", &peer->credentials_file, "", "-");
  s.Add("oauth2", &p->oauth2, "");
  s.Add("sigv4", &p->sigv4, "");
  s.Add("azuread", &p->azuread, "");
  s.Add("follow_redirects", &peer->http.follow_redirects, "", "-");
  AddWay(s, &peer->http, &p->proxy_connect_header, &p->passed_over);
}

Result<PeerOptions> CompilePeer(const PeerSettings& settings, const AwsEnvironment& environment) {
  if (settings.azuread.kind != Kind::kNull) {
    return InvalidArgument(
        "azuread is not supported; use basic_auth, authorization, oauth2, sigv4 or tls_config");
  }
  PeerOptions peer = settings.peer;
  if (settings.oauth2.kind != Kind::kNull) {
    auto oauth2 = CompileOAuth2(settings.oauth2);
    if (!oauth2.ok()) return Annotate(std::move(oauth2).status(), "oauth2");
    peer.oauth2 = *std::move(oauth2);
    peer.oauth2->http.timeout = peer.http.timeout;
  }
  if (settings.sigv4.kind != Kind::kNull) {
    SKALD_ASSIGN_OR_RETURN(peer.sigv4, CompileSigv4(settings.sigv4, environment));
    peer.http.follow_redirects = false;  // A signature is for one URL.
  }
  SKALD_RETURN_IF_ERROR(CompileProxy(settings.proxy_connect_header, peer.http));
  SKALD_RETURN_IF_ERROR(CheckPeerOptions(peer));
  return peer;
}

}  // namespace skald::notify
