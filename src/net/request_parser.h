#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_types.h"

namespace skald::net {

// Turns the bytes of one HTTP/1.x request into a Request. Strict where leniency lets two servers
// read one request in two ways: both lengths at once, other transfer encodings than chunked, and
// bare line feeds are errors.
//
// Order:     calls must match  Put* (header complete) LimitBody? Put*  until state() is kDone or
//            kFailed. Put returns early when the header is complete, even if a body follows.
// Threads:   not synchronised.
// Cost:      a body of known length is reserved at once up to 8 MiB, and in full once so much of
//            it has come; each body byte is copied once.
class RequestParser {
 public:
  enum class State { kHeader, kBody, kDone, kFailed };

  struct Error {
    int status = 0;  // The HTTP status to answer with.
    std::string message;
  };

  // `max_header_bytes` bounds the request line and, by itself, the fields.
  explicit RequestParser(size_t max_header_bytes);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Parses what it can of `bytes` and returns how many it used. Those left over belong to the
  // next Put, with more behind them; in state kDone to the next request.
  size_t Put(std::string_view bytes);

  // A body longer than this fails with status 413. Without the call any length is taken.
  void LimitBody(uint64_t max_bytes);

  State state() const;
  const Error& error() const;

  // The request as far as it was read; complete in state kDone.
  Request& request();

  // The rest holds once the header is complete.
  std::optional<uint64_t> content_length() const;
  bool keep_alive() const;
  bool is_http_1_0() const;
  bool expects_continue() const;

 private:
  struct Rep;  // Keeps Beast out of this header.
  std::unique_ptr<Rep> rep_;
};

// The text for a body over the limit, as clients know it.
std::string BodyTooLargeText(uint64_t bytes, uint64_t max_bytes);

}  // namespace skald::net
