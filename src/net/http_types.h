#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/status.h"

namespace skald::net {

class WebSocketHandler;

// The header fields of a message in the order they came. Names compare without letter case.
//
// Threads: not synchronised; const methods may run at once.
// Cost:    finding a name walks the list: a message has some ten fields.
class Headers {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  void Add(std::string_view name, std::string_view value);
  // Replaces every field of this name by one.
  void Set(std::string_view name, std::string_view value);
  void Remove(std::string_view name);

  // The first value, or empty: a field without a value counts as none.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;
  // Whether a comma-separated field holds `token`, in any letter case.
  bool HasToken(std::string_view name, std::string_view token) const;

  size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

// Names and values of a form or a query string, in order; a name may occur again.
//
// Threads: not synchronised; const methods may run at once.
class Form {
 public:
  using value_type = std::pair<std::string, std::string>;
  using const_iterator = std::vector<value_type>::const_iterator;

  void Add(std::string name, std::string value);

  // The first value of `name`, or empty.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;
  std::vector<std::string_view> GetAll(std::string_view name) const;

  size_t size() const { return values_.size(); }
  const_iterator begin() const { return values_.begin(); }
  const_iterator end() const { return values_.end(); }

 private:
  std::vector<value_type> values_;
};

// One request as a handler sees it.
//
// Threads: belongs to the handler that got it; `cancel` is shared with the connection.
struct Request {
  std::string_view PathParam(std::string_view name) const;

  std::string method;  // Upper case as sent: "GET".
  std::string target;  // As sent: "/label/a%2Fb/values?x=1".
  std::string path;    // The target's path, still encoded.
  std::string query;   // What follows the '?', still encoded.
  Headers headers;
  std::string body;  // Complete, without transfer encoding; content encodings are left alone.
  std::string remote_address;  // "10.0.0.7:51234".
  std::vector<std::pair<std::string, std::string>>
      path_params;     // Decoded, as the route names them.
  CancelToken cancel;  // Fires when the client goes away or the server gives up waiting.
  std::chrono::nanoseconds queue_time{0};  // That it waited at its route's Gate.
};

// One answer. The server adds Date, Content-Length and Connection.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  bool compressible = false;  // May be sent with gzip to a client that takes it.
  // Takes the connection over: see UpgradeToWebSocket.
  std::shared_ptr<WebSocketHandler> websocket;
};

// `body` as text/plain; charset=utf-8. Browsers are told not to take an error for anything else.
Response TextResponse(int status, std::string body);
Response MakeResponse(int status, std::string_view content_type, std::string body);

// "application/json" of "Application/JSON; charset=utf-8".
std::string MediaType(std::string_view content_type);

// Whether an Accept-Encoding value admits gzip: named (or *) with a weight above zero.
bool AcceptsGzip(std::string_view accept_encoding);

// Undoes %XX; `+` stays. kInvalidArgument: invalid URL escape "%zz".
Result<std::string> DecodePathSegment(std::string_view text);
// Undoes %XX and turns `+` into a blank. kInvalidArgument as above.
Result<std::string> DecodeQueryComponent(std::string_view text);
// Encodes all but letters, digits and -._~ : fit for a path segment and for a query.
std::string EncodeUrlComponent(std::string_view text);

// Appends the pairs of "a=1&b=2" to `out`. kInvalidArgument: a bad escape, "invalid semicolon
// separator in query", or more pairs than any client sends.
Status ParseUrlEncoded(std::string_view text, Form& out);

// The request's parameters: first those of a form body (POST, PUT or PATCH with the media type
// application/x-www-form-urlencoded), then those of the URL. kInvalidArgument as above.
Result<Form> ParseForm(const Request& request);

}  // namespace skald::net
