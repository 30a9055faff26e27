#include "net/exchange.h"

#include <exception>
#include <utility>

#include "common/logging.h"
#include "common/metrics.h"
#include "net/response_writer.h"

namespace skald::net {
namespace {

// Registered by whoever asks first.
const Counter& PanicCounter() {
  static const Counter counter =
      Metrics::GetCounter("loki_panic_total", "Requests that ended in an exception.");
  return counter;
}

Response HandlerFailed(std::string_view what, const Request& request) {
  PanicCounter().Add();
  LogError("handler threw", {{"method", request.method}, {"path", request.path}, {"err", what}});
  return TextResponse(500, "error while processing request: " + std::string(what));
}

}  // namespace

Exchange::Exchange(const SessionEnvironment& environment, std::string_view remote_address,
                   const CancelToken& cancel)
    : env_(environment), parser_(environment.options.max_header_bytes) {
  PanicCounter();  // Alerts want to see it at zero first.
  parser_.request().remote_address = remote_address;
  parser_.request().cancel = cancel;
}

bool Exchange::header_complete() const {
  return state() == RequestParser::State::kBody || state() == RequestParser::State::kDone;
}

void Exchange::BeginBody() {
  const Request& request = parser_.request();
  match_ = env_.router.Find(request.method, request.path);
  header_ns_ = env_.clock.MonotonicNs();
  const uint64_t route_limit = match_.route->options.max_body_bytes;
  parser_.LimitBody(route_limit == 0 ? env_.options.max_body_bytes : route_limit);
}

Exchange::Expectation Exchange::expectation() {
  if (parser_.is_http_1_0() || !parser_.request().headers.Has("Expect")) {
    return Expectation::kNone;
  }
  return parser_.expects_continue() ? Expectation::kContinue : Expectation::kUnknown;
}

bool Exchange::Dispatch(std::function<void()> handle) {
  const RouteOptions& route = match_.route->options;
  if (route.gate != nullptr) return route.gate->Admit(parser_.request(), std::move(handle));
  Executor& executor = route.executor == nullptr ? env_.executor : *route.executor;
  executor.Submit(std::move(handle));
  return true;
}

// What `answer` gives, with an exception turned into a 500.
template <typename Answer>
Response Exchange::Guarded(Answer answer) {
  try {
    return answer();
  } catch (const std::exception& e) {
    return HandlerFailed(e.what(), parser_.request());
  } catch (...) {
    return HandlerFailed("unknown exception", parser_.request());
  }
}

void Exchange::Handle() {
  Request& request = parser_.request();
  request.path_params = std::move(match_.path_params);
  request_bytes_ = request.body.size();
  Response response = Guarded([&] { return match_.route->handler(request); });
  CompressBody(request.headers.Get("Accept-Encoding"), env_.options.gzip_min_bytes, response);
  Finish(std::move(response), parser_.keep_alive() && !env_.draining);
}

void Exchange::Refuse(int status, const std::string& message) {
  Finish(TextResponse(status, message + "\n"), /*keep_alive=*/false);
}

void Exchange::RefuseAtGate() {
  Finish(Guarded([&] { return match_.route->options.gate->Refusal(parser_.request()); }),
         parser_.keep_alive() && !env_.draining);
}

void Exchange::RefuseUnread() {
  const RequestParser::Error& error = parser_.error();
  if (error.status != 413 || !body_begun() || !match_.route->options.on_refused_body) {
    return Refuse(error.status, error.message);
  }
  Finish(Guarded([&] {
           return match_.route->options.on_refused_body(parser_.request(),
                                                        ResourceExhausted(error.message));
         }),
         /*keep_alive=*/false);
}

// Makes the bytes of the answer and tells the observer.
void Exchange::Finish(Response response, bool keep_alive) {
  const Request& request = parser_.request();
  keep_alive_ = keep_alive;
  websocket_ = std::move(response.websocket);
  answer_head_ = WriteHead(response, {.keep_alive = keep_alive,
                                      .is_http_1_0 = parser_.is_http_1_0(),
                                      .now_ns = env_.clock.NowNs()});
  if (request.method != "HEAD" && MayHaveBody(response.status)) {
    answer_body_ = std::move(response.body);
  }
  if (env_.observer) {
    const int64_t took_ns = body_begun() ? env_.clock.MonotonicNs() - header_ns_ : 0;
    env_.observer({.route = body_begun() ? std::string_view(match_.route->name) : "notfound",
                   .method = request.method,
                   .status = response.status,
                   .websocket = websocket_ != nullptr,
                   .seconds = static_cast<double>(took_ns) * 1e-9,
                   .request_bytes = request_bytes_,
                   .response_bytes = answer_body_.size(),
                   .request = &request});
  }
}

}  // namespace skald::net
