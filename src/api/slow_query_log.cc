#include "api/slow_query_log.h"

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/trace_id.h"
#include "common/duration.h"
#include "common/log_fields.h"

namespace skald::api {
namespace {

// The key of a parameter, whose name a client has made up.
std::string ParamKey(std::string_view name) {
  std::string key = "param_";
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    key.push_back(plain ? c : '_');
  }
  return key;
}

void LogSlowQuery(const net::Request& request, const net::Form& params, int64_t took_ns) {
  std::vector<LogField> fields;
  if (const auto trace = TraceIdOf(request.headers); !trace.empty()) {
    fields.emplace_back("traceID", trace);
  }
  fields.insert(fields.end(), {{"method", request.method},
                               {"host", request.headers.Get("Host")},
                               {"path", request.path},
                               {"time_taken", FormatGoDuration(Nanoseconds(took_ns))}});
  std::deque<std::string> keys;  // Which fields only borrow.
  for (const auto& [name, value] : params) {
    fields.emplace_back(keys.emplace_back(ParamKey(name)), value);
  }
  LogFields(LogLevel::kInfo, "slow query detected", fields);
}

}  // namespace

net::Handler LogSlowQueries(std::chrono::nanoseconds limit, const Clock& clock,
                            net::Handler handler) {
  if (limit.count() <= 0) return handler;
  return [limit, &clock, handler = std::move(handler)](net::Request& request) {
    const int64_t begin_ns = clock.MonotonicNs();
    net::Response response = handler(request);
    const int64_t took_ns = clock.MonotonicNs() - begin_ns;
    if (took_ns > limit.count()) {
      const auto params = net::ParseForm(request);
      LogSlowQuery(request, params.ok() ? *params : net::Form(), took_ns);
    }
    return response;
  };
}

}  // namespace skald::api
