#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_types.h"

namespace skald::net {

// Replaces the body by its gzip form if the response may be compressed, the client takes gzip and
// the body has `min_bytes` or more.
//
// Cost: some 10 ms a MB; belongs on the handler's thread.
void CompressBody(std::string_view accept_encoding, size_t min_bytes, Response& response);

struct HeadOptions {
  bool keep_alive = true;
  bool is_http_1_0 = false;
  int64_t now_ns = 0;  // For the Date field.
};

// The status line and the fields in front of a body, the empty line included. Line ends inside a
// field become blanks, so that no value can forge another field.
std::string WriteHead(const Response& response, const HeadOptions& options);

// Whether an answer of this status has a body at all.
bool MayHaveBody(int status);

// "Not Found" of 404; "Unknown" for a number that nobody registered.
std::string_view ReasonPhrase(int status);

}  // namespace skald::net
