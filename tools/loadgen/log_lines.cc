#include "loadgen/log_lines.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <iterator>

namespace skald::loadgen {
namespace {

constexpr std::string_view kMethods[] = {"GET",  "GET",  "GET", "GET",
                                         "POST", "POST", "PUT", "DELETE"};
constexpr std::string_view kPaths[] = {
    "/api/v1/users",    "/api/v1/orders",   "/api/v1/orders/items",
    "/api/v1/cart",     "/api/v1/checkout", "/api/v1/search",
    "/api/v1/products", "/static/app.js",   "/static/app.css",
    "/healthz",         "/login",           "/api/v2/recommendations",
    "/api/v2/payments", "/api/v2/invoices", "/metrics",
    "/api/v1/sessions",
};
constexpr std::string_view kAgents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "curl/8.5.0",
    "Go-http-client/2.0",
    "kube-probe/1.30",
};
constexpr std::string_view kMessages[] = {
    "request completed",      "cache miss, loading from store",
    "user session refreshed", "connection established",
    "retrying upstream call", "queue depth above target",
    "slow query detected",    "payload validated",
    "token exchanged",        "feature flag evaluated",
    "batch committed",        "leader lease renewed",
};
constexpr std::string_view kErrors[] = {
    "connection refused by upstream", "context deadline exceeded",
    "resource EXHAUSTED on shard",    "duplicate key value violates unique constraint",
    "unexpected end of stream",
};
constexpr std::string_view kClasses[] = {
    "com.example.orders.OrderService",        "com.example.orders.OrderRepository",
    "com.example.billing.InvoiceController",  "com.example.common.http.RetryingClient",
    "org.apache.kafka.clients.NetworkClient", "com.zaxxer.hikari.pool.HikariPool",
};
constexpr std::string_view kThreads[] = {"http-nio-8080-exec-", "scheduler-", "kafka-consumer-",
                                         "ForkJoinPool.commonPool-worker-"};

template <size_t N>
std::string_view Pick(Random& random, const std::string_view (&list)[N]) {
  return list[random.Below(N)];
}

// Skewed towards the first: what is popular is very popular.
template <size_t N>
std::string_view PickSkewed(Random& random, const std::string_view (&list)[N]) {
  const double u = random.Unit();
  return list[static_cast<size_t>(u * u * N)];
}

std::string_view PickLevel(Random& random) {
  const uint64_t p = random.Below(100);
  if (p < 70) return "info";
  if (p < 85) return "debug";
  if (p < 95) return "warn";
  return "error";
}

int PickStatus(Random& random) {
  const uint64_t p = random.Below(100);
  if (p < 80) return 200;
  if (p < 86) return 201;
  if (p < 90) return 304;
  if (p < 95) return 404;
  if (p < 97) return 401;
  return p < 99 ? 500 : 503;
}

// Milliseconds with a long tail.
double PickLatency(Random& random) { return std::exp(random.Unit() * 6.5 - 0.5); }

void AppendUuid(Random& random, std::string& out) {
  for (const int digits : {8, 4, 4, 4}) {
    AppendHex(random, digits, out);
    out.push_back('-');
  }
  AppendHex(random, 12, out);
}

void AppendIp(Random& random, std::string& out) {
  out += "10.";
  out += std::to_string(random.Below(16)) + "." + std::to_string(random.Below(256)) + "." +
         std::to_string(random.Below(256));
}

template <typename... Args>
void AppendFormat(std::string& out, const char* format, Args... args) {
  std::array<char, 128> buffer;
  const int n = std::snprintf(buffer.data(), buffer.size(), format, args...);
  out.append(buffer.data(), std::min<size_t>(n, buffer.size() - 1));
}

void AppendTime(int64_t time_ns, const char* format, std::string& out) {
  const time_t seconds = static_cast<time_t>(time_ns / 1'000'000'000);
  tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> buffer;
  out.append(buffer.data(), std::strftime(buffer.data(), buffer.size(), format, &utc));
}

void AppendRfc3339Ms(int64_t time_ns, std::string& out) {
  AppendTime(time_ns, "%Y-%m-%dT%H:%M:%S", out);
  AppendFormat(out, ".%03dZ", static_cast<int>(time_ns / 1'000'000 % 1000));
}

}  // namespace

void AppendHex(Random& random, int digits, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  uint64_t bits = 0;
  for (int i = 0; i < digits; ++i) {
    if (i % 16 == 0) bits = random.Next();
    out.push_back(kDigits[bits & 15]);
    bits >>= 4;
  }
}

std::string_view LogKindName(LogKind kind) {
  static constexpr std::string_view kNames[] = {"json", "logfmt", "access", "java"};
  return kNames[static_cast<int>(kind)];
}

void LineMaker::Append(int64_t time_ns, std::string& out) {
  switch (kind_) {
    case LogKind::kJson:
      return AppendJson(time_ns, out);
    case LogKind::kLogfmt:
      return AppendLogfmt(time_ns, out);
    case LogKind::kAccess:
      return AppendAccess(time_ns, out);
    case LogKind::kJava:
      return AppendJava(time_ns, out);
  }
}

void LineMaker::AppendJson(int64_t time_ns, std::string& out) {
  const std::string_view level = PickLevel(random_);
  out += R"({"ts":")";
  AppendRfc3339Ms(time_ns, out);
  out += R"(","level":")";
  out += level;
  out += R"(","msg":")";
  out += level == "error" ? Pick(random_, kErrors) : PickSkewed(random_, kMessages);
  out += R"(","method":")";
  out += Pick(random_, kMethods);
  out += R"(","path":")";
  out += PickSkewed(random_, kPaths);
  AppendFormat(out, R"(","status":%d,"duration_ms":%.3f,"bytes":%d,"user":{"id":%d},)",
               PickStatus(random_), PickLatency(random_), static_cast<int>(random_.Below(90000)),
               static_cast<int>(random_.Below(20000)));
  out += R"("trace_id":")";
  AppendHex(random_, 32, out);
  out += "\"}";
}

void LineMaker::AppendLogfmt(int64_t time_ns, std::string& out) {
  const std::string_view level = PickLevel(random_);
  out += "ts=";
  AppendRfc3339Ms(time_ns, out);
  out += " level=";
  out += level;
  AppendFormat(out, " caller=handler.go:%d msg=\"", 40 + static_cast<int>(random_.Below(30)) * 7);
  out += PickSkewed(random_, kMessages);
  out += "\" org_id=";
  out += std::to_string(random_.Below(50));
  out += " path=";
  out += PickSkewed(random_, kPaths);
  AppendFormat(out, " status=%d duration=%.3fms size=%dB", PickStatus(random_),
               PickLatency(random_), static_cast<int>(random_.Below(65536)));
  if (level == "error") {
    out += " err=\"";
    out += Pick(random_, kErrors);
    out += '"';
  }
  out += " request_id=";
  AppendUuid(random_, out);
}

void LineMaker::AppendAccess(int64_t time_ns, std::string& out) {
  AppendIp(random_, out);
  out += " - ";
  if (random_.Below(3) == 0) {
    out += "user" + std::to_string(random_.Below(2000));
  } else {
    out += '-';
  }
  AppendTime(time_ns, " [%d/%b/%Y:%H:%M:%S +0000] \"", out);
  out += Pick(random_, kMethods);
  out += ' ';
  out += PickSkewed(random_, kPaths);
  out += " HTTP/1.1\" ";
  AppendFormat(out, "%d %d \"-\" \"", PickStatus(random_), static_cast<int>(random_.Below(120000)));
  out += PickSkewed(random_, kAgents);
  AppendFormat(out, "\" %.3f", PickLatency(random_) / 1000);
}

void LineMaker::AppendJava(int64_t time_ns, std::string& out) {
  const std::string_view level = PickLevel(random_);
  AppendTime(time_ns, "%Y-%m-%d %H:%M:%S", out);
  AppendFormat(out, ",%03d ", static_cast<int>(time_ns / 1'000'000 % 1000));
  for (const char c : level) out.push_back(static_cast<char>(c - 'a' + 'A'));
  out += " [";
  out += Pick(random_, kThreads);
  out += std::to_string(random_.Below(16)) + "] ";
  out += PickSkewed(random_, kClasses);
  out += " - ";
  if (level != "error") {
    out += PickSkewed(random_, kMessages);
    AppendFormat(out, " orderId=%d customer=%d elapsed=%dms correlation=",
                 static_cast<int>(random_.Below(10'000'000)),
                 static_cast<int>(random_.Below(50'000)), static_cast<int>(PickLatency(random_)));
    AppendUuid(random_, out);
    return;
  }
  out += Pick(random_, kErrors);
  out += "\njava.lang.IllegalStateException: ";
  out += Pick(random_, kErrors);
  const uint64_t frames = 2 + random_.Below(6);
  for (uint64_t i = 0; i < frames; ++i) {
    out += "\n\tat ";
    out += Pick(random_, kClasses);
    AppendFormat(out, ".invoke(Source.java:%d)", static_cast<int>(random_.Below(900)));
  }
}

}  // namespace skald::loadgen
