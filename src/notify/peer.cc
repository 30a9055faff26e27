#include "notify/peer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base64.h"
#include "notify/secret_file.h"

namespace skald::notify {
namespace {

// As AWS names the receiver of remote write.
constexpr std::string_view kAwsService = "aps";

net::HttpClientOptions ClientOptions(const PeerOptions& options) {
  net::HttpClientOptions http = options.http;
  http.max_attempts = 1;
  http.max_response_bytes = 1 << 20;
  if (!options.password_file.empty()) http.username.clear();  // Post says it instead.
  return http;
}

// Prometheus takes one of these at most. kInvalidArgument names two.
Status CheckOneAuthentication(const PeerOptions& options) {
  const net::HttpClientOptions& http = options.http;
  const std::array<std::pair<const char*, bool>, 4> ways = {
      {{"basic_auth",
        !http.username.empty() || !http.password.empty() || !options.password_file.empty()},
       {"authorization", !options.credentials.empty() || !options.credentials_file.empty()},
       {"oauth2", options.oauth2.has_value()},
       {"sigv4", options.sigv4.has_value()}}};
  const char* first = nullptr;
  for (const auto& [name, used] : ways) {
    if (!used) continue;
    if (first != nullptr) {
      return InvalidArgument("at most one of basic_auth, authorization, oauth2 and sigv4 must be " +
                             std::string("configured: here are ") + first + " and " + name);
    }
    first = name;
  }
  return {};
}

}  // namespace

Status CheckPeerOptions(const PeerOptions& options) {
  SKALD_RETURN_IF_ERROR(CheckOneAuthentication(options));
  if (!options.http.password.empty() && !options.password_file.empty()) {
    return InvalidArgument("at most one of basic_auth password & password_file must be configured");
  }
  if (!options.credentials.empty() && !options.credentials_file.empty()) {
    return InvalidArgument(
        "at most one of authorization credentials & credentials_file must be configured");
  }
  if (options.http.cert_file.empty() != options.http.key_file.empty()) {
    return InvalidArgument("a client's certificate and its key must be configured together");
  }
  SKALD_RETURN_IF_ERROR(net::CheckHttpClientOptions(options.http));
  if (!options.oauth2) return {};
  return Annotate(net::CheckHttpClientOptions(options.oauth2->http), "oauth2");
}

Peer::Peer(const PeerOptions& options, FileSystem& files, const Clock& clock)
    : options_(options), files_(files), clock_(clock), client_(ClientOptions(options), clock) {
  if (options.oauth2.has_value()) {
    tokens_ = std::make_unique<OAuth2Tokens>(*options.oauth2, files, clock);
  }
}

Result<net::Response> Peer::Post(const std::string& url, const net::Headers& headers,
                                 std::string_view body, const CancelToken& cancel) {
  net::ClientRequest request{.method = "POST", .url = url, .headers = headers, .body = body};
  request.retry = net::RetryPolicy::kNever;
  for (const auto& [name, value] : options_.headers) {
    if (!headers.Has(name)) request.headers.Add(name, value);
  }
  if (tokens_ != nullptr) return PostWithToken(request, cancel);
  SKALD_RETURN_IF_ERROR(Authorize(request));
  return client_.Send(request, cancel);
}

Status Peer::Authorize(net::ClientRequest& request) {
  if (!options_.password_file.empty()) {
    SKALD_ASSIGN_OR_RETURN(const std::string password, ReadSecret(files_, options_.password_file));
    std::string value = "Basic ";
    AppendBase64(value, options_.http.username + ":" + password);
    request.headers.Set("Authorization", value);
  }
  std::string credentials = options_.credentials;
  if (!options_.credentials_file.empty()) {
    SKALD_ASSIGN_OR_RETURN(credentials, ReadSecret(files_, options_.credentials_file));
  }
  if (!credentials.empty()) {
    request.headers.Set("Authorization", options_.authorization_type + " " + credentials);
  }
  if (options_.sigv4.has_value()) {
    SKALD_ASSIGN_OR_RETURN(const AwsKeys keys, LoadAwsKeys(*options_.sigv4, files_));
    const AwsScope scope{.region = options_.sigv4->region, .service = std::string(kAwsService)};
    SignForAws(keys, scope, clock_.NowNs(), request);
  }
  return {};
}

Result<net::Response> Peer::PostWithToken(net::ClientRequest& request, const CancelToken& cancel) {
  while (true) {
    SKALD_ASSIGN_OR_RETURN(const OAuth2Tokens::Token token, tokens_->Get(cancel));
    request.headers.Set("Authorization", token.authorization);
    auto answer = client_.Send(request, cancel);
    if (!answer.ok() || answer->status != 401) return answer;
    tokens_->Drop(token);
    if (!token.kept) return answer;
  }
}

Status MoveUserInfo(std::string& url, std::string& username, std::string& password) {
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos) {
    // Who left out the scheme alone may have written a password.
    return InvalidArgument(url.substr(url.rfind('@') + 1) + ": no scheme, as http://");
  }
  const size_t begin = scheme + 3;
  const size_t at = url.substr(0, url.find('/', begin)).rfind('@');
  if (at == std::string::npos || at < begin) return {};
  const std::string info = url.substr(begin, at - begin);
  url.erase(begin, at + 1 - begin);
  const size_t colon = std::min(info.find(':'), info.size());
  SKALD_ASSIGN_OR_RETURN(username, net::DecodePathSegment(info.substr(0, colon)));
  if (colon < info.size()) {
    SKALD_ASSIGN_OR_RETURN(password, net::DecodePathSegment(info.substr(colon + 1)));
  }
  return {};
}

}  // namespace skald::notify
