#pragma once

#include <cstdint>
#include <string>

#include "net/http_client.h"

namespace skald::notify {

// Who signs.
struct AwsKeys {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // Of keys for a while; else empty.
};

// What a signature is for.
struct AwsScope {
  std::string region;
  std::string service;
};

// The Authorization by which AWS knows the sender of `request` (Signature Version 4). It covers
// method, URL, body, Host, Content-Type and X-Amz-*; not the fields that proxies may change.
// Requires: the request has its Host and X-Amz-Date.
std::string AwsAuthorization(const AwsKeys& keys, const AwsScope& scope,
                             const net::ClientRequest& request);

// Gives the request all that AWS asks for, the signature included.
void SignForAws(const AwsKeys& keys, const AwsScope& scope, int64_t now_ns,
                net::ClientRequest& request);

}  // namespace skald::notify
