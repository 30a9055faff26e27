#pragma once

#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/executor.h"
#include "common/files.h"
#include "common/status.h"
#include "net/http_client.h"
#include "net/http_types.h"

namespace skald::notify {

// How requests to a server prove who sends them.
struct PeerOptions {
  net::HttpClientOptions http;  // With the name and password of basic authentication.
  std::string password_file;    // Read anew for each request; instead of http.password.
  // `Authorization: <type> <credentials>`, if there are credentials.
  std::string authorization_type = "Bearer";
  std::string credentials;
  std::string credentials_file;  // Read anew for each request; instead of credentials.
  net::Headers headers;          // Added to each request.
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

  // The server's answer, of whatever status; errors are HttpClient's, and those of files.
  Result<net::Response> Post(const std::string& url, const net::Headers& headers,
                             std::string_view body, const CancelToken& cancel);

 private:
  const PeerOptions options_;
  FileSystem& files_;
  net::HttpClient client_;
};

// Whether the server may take the same request later: there was no answer, or the status is 429 or
// one of 500 to 599.
bool IsWorthSendingAgain(const Result<net::Response>& result);

// OK for a status of 200 to 299; else kUnknown with status and the first line of the body.
Status FromAnswer(const Result<net::Response>& result);

// Moves a name and a password from `url` to `options`, so that no log and no metric shows them.
// kInvalidArgument for what is no URL.
Status MoveUserInfo(std::string& url, PeerOptions& options);

}  // namespace skald::notify
