#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/regex.h"
#include "common/status.h"
#include "net/http_types.h"
#include "net/server_options.h"

namespace skald::api {

// Logs each request over HTTP when it is answered: `msg="GET /ready (200) 102µs"`.
//
// Threads: immutable; any thread may call Observe.
// Cost:    nothing where the lines would not be written.
class RequestLog {
 public:
  struct Options {
    bool at_info = false;  // Rather than at debug.
    bool headers = false;  // Those that may hold secrets excepted.
    std::vector<std::string> excluded_headers;
    // Who sent it: the first address that proxies name, and the peer of the connection.
    bool source_ips = false;
    bool all_source_ips = false;   // All that proxies name.
    std::string source_ip_header;  // Where they do, and which group in it; empty: as is common.
    std::string source_ip_regex;
  };

  // Whether the options fit together. kInvalidArgument names the setting.
  static Status Check(const Options& options);

  // Requires: Check was fine.
  explicit RequestLog(Options options);

  void Observe(const net::RequestRecord& record) const;

  // "203.0.113.7, 10.0.0.1", as the options want it.
  std::string SourceIps(const net::Request& request) const;
  // "Accept: */*; User-Agent: curl", without what is excluded.
  std::string HeadersOf(const net::Request& request) const;

 private:
  std::string NamedByProxies(const net::Request& request) const;

  Options options_;
  std::shared_ptr<const Regex> source_ip_regex_;
};

}  // namespace skald::api
