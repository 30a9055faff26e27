#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/clock.h"
#include "net/http_server.h"
#include "net/raw_client.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::net {

inline std::string Chunk(std::string_view data) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + std::string(data) + "\r\n";
}

inline std::string Get(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

inline std::string Post(std::string_view target, std::string_view body,
                        std::string_view fields = "") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

struct Seen {
  std::string route;
  int status;
  size_t request_bytes;
  size_t response_bytes;
  bool operator==(const Seen&) const = default;
};

// A server whose routes show what a session does with a request.
//
// Threads: seen() from any thread.
class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    router_.Add({"GET", "POST", "HEAD"}, "/echo", "echo", [](Request& request) {
      return TextResponse(200, request.method + " " + request.query + " " + request.body);
    });
    router_.Add({"POST"}, "/length", "length", [](Request& request) {
      return TextResponse(200, std::to_string(request.body.size()));
    });
    router_.Add({"GET"}, "/large", "large", [](Request&) {
      Response response = TextResponse(200, std::string(4 << 20, 'x'));
      response.compressible = true;
      return response;
    });
    router_.Add({"GET"}, "/throw", "throw",
                [](Request&) -> Response { throw std::runtime_error("handler is broken"); });
    router_.Add({"GET"}, "/empty", "empty", [](Request&) { return Response{.status = 204}; });
    router_.Add({"GET"}, "/wait", "wait", [this](Request& request) {
      entered_.set_value();
      const auto left = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (!request.cancel.cancelled() && !released_ && std::chrono::steady_clock::now() < left) {
        std::this_thread::yield();
      }
      was_cancelled_.set_value(request.cancel.cancelled());
      return TextResponse(200, "waited");
    });
    router_.Add({"POST"}, "/small", "small",
                [](Request& request) { return TextResponse(200, request.body); },
                {.max_body_bytes = 8});
    router_.Add({"POST"}, "/own", "own", [](Request&) { return Response{}; },
                {.max_body_bytes = 8, .on_refused_body = [](const Request&, const Status& status) {
                   return MakeResponse(413, "application/x",
                                       "own " + std::string(status.message()));
                 }});
    options_.address = "127.0.0.1";
    options_.handler_threads = 4;
    options_.max_body_bytes = 64 << 20;
    options_.sweep_interval = std::chrono::milliseconds(2);
    server_ =
        std::make_unique<HttpServer>(options_, router_, clock_, [this](const RequestRecord& r) {
          std::lock_guard lock(mutex_);
          seen_.push_back({std::string(r.route), r.status, r.request_bytes, r.response_bytes});
        });
  }

  void SetUp() override { ASSERT_THAT(server_->Start(), test::IsOk()); }

  std::vector<Seen> seen() {
    std::lock_guard lock(mutex_);
    return seen_;
  }

  test::ManualClock clock_;
  Router router_;
  HttpServerOptions options_;
  std::promise<void> entered_;
  std::promise<bool> was_cancelled_;
  std::atomic<bool> released_ = false;
  std::mutex mutex_;
  std::vector<Seen> seen_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace skald::net
