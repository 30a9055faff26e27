#pragma once

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/mutex.h"
#include "net/http_server.h"
#include "support/matchers.h"

namespace skald::notify {

// A server that keeps what is posted to it and answers as told; on all of 127.0.0.0/8 with TLS.
//
// Threads: any thread may call.
class FakeReceiver {
 public:
  explicit FakeReceiver(net::TlsOptions tls = {}) : tls_(std::move(tls)) {
    std::signal(SIGPIPE, SIG_IGN);  // As OpenSSL needs it.
    router_.Add({"*"}, "/{a}", "one", [this](net::Request& r) { return Take(r); });
    router_.Add({"*"}, "/{a}/{b}/{c}", "three", [this](net::Request& r) { return Take(r); });
    Up();
  }

  // Begins to listen: on the same port again after Down.
  void Up() {
    server_ = std::make_unique<net::HttpServer>(
        net::HttpServerOptions{
            .address = tls_.enabled() ? "0.0.0.0" : "127.0.0.1", .port = port_, .tls = tls_},
        router_, clock_);
    ASSERT_THAT(server_->Start(), test::IsOk());
    port_ = server_->port();
  }
  void Down() { server_.reset(); }

  std::string url() const {
    return (tls_.enabled() ? "https" : "http") + ("://127.0.0.1:" + std::to_string(port_));
  }
  uint16_t port() const { return port_; }

  // What the following requests are answered with.
  void Answer(net::Response response) {
    AnswerBy([response = std::move(response)](const net::Request&) { return response; });
  }
  void AnswerBy(std::function<net::Response(const net::Request&)> answer) {
    MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }

  std::vector<net::Request> requests() const {
    MutexLock lock(mutex_);
    return requests_;
  }

 private:
  net::Response Take(net::Request& request) {
    MutexLock lock(mutex_);
    requests_.push_back(request);
    return answer_ ? answer_(request) : net::Response();
  }

  const net::TlsOptions tls_;
  SystemClock clock_;
  net::Router router_;
  uint16_t port_ = 0;
  mutable Mutex mutex_;
  std::function<net::Response(const net::Request&)> answer_ SKALD_GUARDED_BY(mutex_);
  std::vector<net::Request> requests_ SKALD_GUARDED_BY(mutex_);
  std::unique_ptr<net::HttpServer> server_;
};

// Whether `condition` holds within a time that only a broken build needs.
inline bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 10'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace skald::notify
