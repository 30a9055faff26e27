#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/executor.h"
#include "common/files.h"
#include "common/mutex.h"
#include "common/status.h"
#include "net/http_client.h"

namespace skald::notify {

// Where tokens come from, and for whom.
//
// Threads: a value.
struct OAuth2Options {
  net::HttpClientOptions http;  // How token_url is reached.
  std::string token_url;
  std::string client_id;
  std::string client_secret;
  std::string client_secret_file;  // Read anew for each token; instead of client_secret.
  std::vector<std::string> scopes;
  std::vector<std::pair<std::string, std::string>> endpoint_params;  // Of the request for a token.
};

// Tokens by the grant of client credentials (RFC 6749, section 4.4). One is kept until shortly
// before it expires, or until it is said to be refused.
//
// Ownership: borrows the file system and the clock.
// Threads:   any thread may call; two that find no token each fetch one. The mutex is held over no
//            I/O.
// Cost:      Get blocks while it fetches.
class OAuth2Tokens {
 public:
  OAuth2Tokens(const OAuth2Options& options, FileSystem& files, const Clock& clock);
  OAuth2Tokens(const OAuth2Tokens&) = delete;
  OAuth2Tokens& operator=(const OAuth2Tokens&) = delete;

  struct Token {
    std::string authorization;  // "Bearer ..."
    bool kept = false;          // From before: there may be a newer one to be had.
    int64_t expires_ns = 0;     // Monotonic.
  };
  // kUnavailable names token_url; kCancelled.
  Result<Token> Get(const CancelToken& cancel);
  // A server has refused this token.
  void Drop(const Token& token);

 private:
  Result<Token> Fetch(const CancelToken& cancel);
  Result<net::Response> Ask(std::string_view secret, bool in_header, const CancelToken& cancel);

  const OAuth2Options options_;
  FileSystem& files_;
  const Clock& clock_;
  net::HttpClient client_;
  Mutex mutex_;
  Token token_ SKALD_GUARDED_BY(mutex_);  // None if it says nothing.
  // Whether the secret is sent in a header, as the standard would have it, or in the body, as some
  // servers want it: found out by the first refusal.
  bool in_header_ SKALD_GUARDED_BY(mutex_) = true;
};

}  // namespace skald::notify
