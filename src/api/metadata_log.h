#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/tenant_auth.h"
#include "common/clock.h"
#include "common/logging.h"
#include "common/status.h"
#include "net/http_types.h"
#include "querier/metadata_request.h"

namespace skald::api {

// The log line of one question about labels, series, sizes or patterns, as queries have theirs.
//
// Order:     Read or Begin, then the setters, then Answer. Without there is no line: the request
//            could not even be read.
// Ownership: borrows `request` and `clock`.
// Threads:   one caller.
class MetadataLog {
 public:
  // `query_type` is what is asked for: "labels", "series" ...
  MetadataLog(std::string_view query_type, const net::Request& request, const Clock& clock);

  // Reads whose metadata is asked for, of which time and by which `query`, and begins.
  Result<querier::MetadataRequest> Read(const net::Form& params, const TenantAuth& auth,
                                        bool per_request_limits);
  // Whose metadata is asked for, and of which time.
  void Begin(const querier::MetadataRequest& metadata);
  void SetQuery(std::string_view text) { query_ = text; }
  // Of the answer: labels, series, entries ...
  void SetEntries(uint64_t entries) { entries_ = entries; }
  // A key that questions of this type have of their own, at the place where clients know it: with
  // the selectors, or with the time that is asked for. `key` must outlive this.
  template <typename Value>
  void Add(std::string_view key, const Value& value) {
    own_.emplace_back(key, value);
  }
  template <typename Value>
  void AddToTime(std::string_view key, const Value& value) {
    own_of_time_.emplace_back(key, value);
  }

  // Writes the line, and makes the response of the answer or its error.
  net::Response Answer(Result<std::string> body) const;

 private:
  void Write(const Status& status) const;

  const std::string_view query_type_;
  const net::Request& request_;
  const int64_t now_ns_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::optional<querier::MetadataRequest> metadata_;
  std::string query_;
  std::vector<LogField> own_;
  std::vector<LogField> own_of_time_;
  uint64_t entries_ = 0;
};

}  // namespace skald::api
