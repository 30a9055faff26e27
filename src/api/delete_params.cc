#include "api/delete_params.h"

#include <charconv>
#include <string>

#include "common/duration.h"
#include "deletes/compiled_request.h"
#include "wire/rfc3339.h"

namespace skald::api {
namespace {

using std::chrono::milliseconds;

constexpr int64_t kMillisecond = 1'000'000;
constexpr size_t kSecondsLength = 10;

Status BadInterval() {
  return InvalidArgument("invalid max_interval: valid time units are 's', 'm', 'h'");
}

// The length of the pieces that the interval is cut into.
Result<int64_t> ReadPieceMs(std::string_view text, milliseconds interval,
                            std::chrono::nanoseconds max_interval) {
  const auto longest = std::chrono::duration_cast<milliseconds>(max_interval);
  if (text.empty()) return longest.count();
  const auto piece = ParseGoDuration(text);
  if (!piece.ok() || *piece < std::chrono::seconds(1)) return BadInterval();
  if (*piece > max_interval) {
    return InvalidArgument("max_interval can't be greater than " + FormatGoDuration(max_interval));
  }
  if (*piece > interval) {
    return InvalidArgument("max_interval can't be greater than the interval to be deleted (" +
                           FormatGoDuration(interval) + ")");
  }
  return std::chrono::duration_cast<milliseconds>(*piece).count();
}

}  // namespace

Result<int64_t> ReadDeleteTime(std::string_view text, std::string_view which) {
  if (text.size() == kSecondsLength) {
    const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
    int64_t seconds = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    const bool two_signs = digits.size() < text.size() && digits.starts_with('-');
    if (error == std::errc() && end == digits.data() + digits.size() && !two_signs) {
      return seconds * 1000;
    }
  }
  const auto time_ns = wire::ParseRfc3339(text);
  if (time_ns.ok()) return *time_ns / kMillisecond;
  return InvalidArgument("invalid " + std::string(which) +
                         " time: require unix seconds or RFC3339 format");
}

Result<deletes::DeleteRequest> ReadDeleteRequest(const net::Form& params, int64_t now_ns,
                                                 std::chrono::nanoseconds max_interval) {
  deletes::DeleteRequest request;
  request.query = params.Get("query");
  if (request.query.empty()) return InvalidArgument("query not set");
  const auto compiled = deletes::CompiledRequest::Make(request.query);
  if (!compiled.ok()) return InvalidArgument("invalid query expression");
  if (params.Get("start").empty()) return InvalidArgument("start time not set");
  SKALD_ASSIGN_OR_RETURN(request.start_ms, ReadDeleteTime(params.Get("start"), "start"));
  const int64_t now_ms = now_ns / kMillisecond;
  request.end_ms = now_ms;
  if (const std::string_view end = params.Get("end"); !end.empty()) {
    SKALD_ASSIGN_OR_RETURN(request.end_ms, ReadDeleteTime(end, "end"));
  }
  if (request.end_ms > now_ms) return InvalidArgument("deletes in the future are not allowed");
  if (request.start_ms >= request.end_ms) {
    return InvalidArgument("start time can't be greater than or equal to end time");
  }
  if ((*compiled)->has_filters()) {
    SKALD_ASSIGN_OR_RETURN(
        request.piece_ms,
        ReadPieceMs(params.Get("max_interval"), milliseconds(request.end_ms - request.start_ms),
                    max_interval));
  }
  return request;
}

}  // namespace skald::api
