#include "notify/peer.h"

#include <algorithm>
#include <utility>

#include "common/base64.h"

namespace skald::notify {
namespace {

// Of an answer's body, in errors.
constexpr size_t kShownBytes = 256;

Result<std::string> ReadSecret(FileSystem& files, const std::string& path) {
  SKALD_ASSIGN_OR_RETURN(std::string text, files.ReadAll(path));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

net::HttpClientOptions ClientOptions(const PeerOptions& options) {
  net::HttpClientOptions http = options.http;
  http.max_attempts = 1;
  http.max_response_bytes = 1 << 20;
  if (!options.password_file.empty()) http.username.clear();  // Post says it instead.
  return http;
}

}  // namespace

Status CheckPeerOptions(const PeerOptions& options) {
  const bool basic = !options.http.username.empty() || !options.http.password.empty() ||
                     !options.password_file.empty();
  const bool token = !options.credentials.empty() || !options.credentials_file.empty();
  if (basic && token) {
    return InvalidArgument("at most one of basic_auth and authorization must be configured");
  }
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
  return {};
}

Peer::Peer(const PeerOptions& options, FileSystem& files, const Clock& clock)
    : options_(options), files_(files), client_(ClientOptions(options), clock) {}

Result<net::Response> Peer::Post(const std::string& url, const net::Headers& headers,
                                 std::string_view body, const CancelToken& cancel) {
  net::ClientRequest request{.method = "POST", .url = url, .headers = headers, .body = body};
  request.retry = net::RetryPolicy::kNever;
  for (const auto& [name, value] : options_.headers) {
    if (!headers.Has(name)) request.headers.Add(name, value);
  }
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
  return client_.Send(request, cancel);
}

bool IsWorthSendingAgain(const Result<net::Response>& result) {
  if (!result.ok()) return result.status().code() != StatusCode::kInvalidArgument;
  return result->status == 429 || result->status / 100 == 5;
}

Status FromAnswer(const Result<net::Response>& result) {
  if (!result.ok()) return result.status();
  if (result->status / 100 == 2) return {};
  const std::string line = result->body.substr(0, result->body.find_first_of("\r\n"));
  return Status(StatusCode::kUnknown, "server returned HTTP status " +
                                          std::to_string(result->status) + ": " +
                                          line.substr(0, kShownBytes));
}

Status MoveUserInfo(std::string& url, PeerOptions& options) {
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
  SKALD_ASSIGN_OR_RETURN(options.http.username, net::DecodePathSegment(info.substr(0, colon)));
  if (colon < info.size()) {
    SKALD_ASSIGN_OR_RETURN(options.http.password, net::DecodePathSegment(info.substr(colon + 1)));
  }
  return {};
}

}  // namespace skald::notify
