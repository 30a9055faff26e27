#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/executor.h"
#include "common/files.h"
#include "common/status.h"
#include "net/http_client.h"
#include "net/http_types.h"
#include "notify/aws_credentials.h"
#include "notify/oauth2_tokens.h"

namespace skald::notify {

// How requests to a server prove who sends them.
struct PeerOptions {
  net::HttpClientOptions http;  // With the name and password of basic authentication.
  std::string password_file;    // Read anew for each request; instead of http.password.
  // `Authorization: <type> <credentials>`, if there are credentials.
  std::string authorization_type = "Bearer";
  std::string credentials;
  std::string credentials_file;  // Read anew for each request; instead of credentials.
  std::optional<OAuth2Options> oauth2;
  std::optional<AwsOptions> sigv4;
  net::Headers headers;  // Added to each request.
};

// Says what in `options` contradicts itself: kInvalidArgument.
Status CheckPeerOptions(const PeerOptions& options);

// A server that requests are posted to, once each: who posts knows when to try again.
//
// Ownership: borrows the file system and the clock.
// Threads:   any thread may call.
// Cost:      Post blocks.
class Peer {
 public:
  Peer(const PeerOptions& options, FileSystem& files, const Clock& clock);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // The server's answer, of whatever status; errors are HttpClient's, and those of files and of
  // OAuth2Tokens. Where a token is refused (401) that was kept for a while, a new one is tried.
  Result<net::Response> Post(const std::string& url, const net::Headers& headers,
                             std::string_view body, const CancelToken& cancel);

 private:
  // Says in `request` who sends it, but for tokens of OAuth 2.
  Status Authorize(net::ClientRequest& request);
  Result<net::Response> PostWithToken(net::ClientRequest& request, const CancelToken& cancel);

  const PeerOptions options_;
  FileSystem& files_;
  const Clock& clock_;
  net::HttpClient client_;
  std::unique_ptr<OAuth2Tokens> tokens_;
};

// Moves a name and a password from `url` to where they are asked for, so that no log and no metric
// shows them. kInvalidArgument for what is no URL.
Status MoveUserInfo(std::string& url, std::string& username, std::string& password);

}  // namespace skald::notify
