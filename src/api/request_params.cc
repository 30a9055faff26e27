#include "api/request_params.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <system_error>

#include "common/ascii.h"
#include "common/duration.h"
#include "common/json_writer.h"
#include "wire/rfc3339.h"

namespace skald::api {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kMaxPoints = 11000;            // Of a series; Prometheus' bound.
constexpr int64_t kDefaultPoints = 250;          // That a step left out aims at.
constexpr size_t kMaxDigitsOfSeconds = 10;       // Longer integers are nanoseconds.
constexpr int64_t kMaxTailDelay = 5;             // Seconds.
constexpr int64_t kTailAheadNs = 600 * kSecond;  // As far as pushes may be ahead of the clock.
constexpr double kMaxSeconds = 9.2e9;            // What fits into nanoseconds.
// The ends of time: so far from what 64 bits hold that a step or an hour more still fits.
constexpr int64_t kLastNs = 9'200'000'000 * kSecond;
constexpr int64_t kFirstNs = -kLastNs;

// The whole text as a decimal number; accepts a leading '+', as Go does.
template <typename T>
std::errc ParseNumber(std::string_view text, T& value) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return std::errc::invalid_argument;
    }
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end != text.data() + text.size()) {
    return std::errc::invalid_argument;
  }
  return error;
}

Status NumberError(std::string_view function, std::string_view text, std::errc error) {
  return InvalidArgument(
      std::string(function) + ": parsing " + GoQuote(text) +
      (error == std::errc::result_out_of_range ? ": value out of range" : ": invalid syntax"));
}

// `name`'s time if it is there, else nothing.
Result<std::optional<int64_t>> ReadTime(const net::Form& form, std::string_view name) {
  const std::string_view text = form.Get(name);
  if (text.empty()) {
    return std::optional<int64_t>();
  }
  auto time = ParseTime(text);
  if (!time.ok()) {
    return InvalidArgument("could not parse '" + std::string(name) +
                           "' parameter: " + std::string(time.status().message()));
  }
  return std::optional<int64_t>(*time);
}

Result<int64_t> ReadSince(const net::Form& form) {
  const std::string_view text = form.Get("since");
  if (text.empty()) {
    return 3600 * kSecond;
  }
  auto since = ParsePrometheusDuration(text);
  if (!since.ok()) {
    return InvalidArgument("could not parse 'since' parameter: " +
                           std::string(since.status().message()));
  }
  return since->count();
}

Result<model::Direction> ReadDirection(const net::Form& form) {
  const std::string text = LowerCase(form.Get("direction"));
  if (text.empty() || text == "backward") {
    return model::Direction::kBackward;
  }
  if (text == "forward") {
    return model::Direction::kForward;
  }
  return InvalidArgument("invalid direction '" + std::string(form.Get("direction")) + "'");
}

Result<int64_t> ReadInterval(const net::Form& form) {
  const std::string_view text = form.Get("interval");
  if (text.empty()) {
    return 0;
  }
  SKALD_ASSIGN_OR_RETURN(const int64_t interval, ParseStep(text));
  if (interval < 0) {
    return InvalidArgument("interval must be >= 0");
  }
  return interval / kMillisecond * kMillisecond;
}

}  // namespace

Result<int64_t> ParseTime(std::string_view text) {
  double seconds = 0;
  if (text.find('.') != std::string_view::npos && ParseNumber(text, seconds) == std::errc()) {
    seconds = std::clamp(seconds, -kMaxSeconds, kMaxSeconds);
    const double whole = std::trunc(seconds);
    const auto fraction_ms = static_cast<int64_t>(std::round((seconds - whole) * 1000));
    return static_cast<int64_t>(whole) * kSecond + fraction_ms * kMillisecond;
  }
  int64_t number = 0;
  const std::errc error = ParseNumber(text, number);
  if (error == std::errc() && text.size() <= kMaxDigitsOfSeconds &&
      __builtin_mul_overflow(number, kSecond, &number)) {
    return text.starts_with('-') ? kFirstNs : kLastNs;
  }
  if (error == std::errc()) {
    return std::clamp(number, kFirstNs, kLastNs);
  }
  const auto time = wire::ParseRfc3339(text);
  if (time.status().code() == StatusCode::kOutOfRange) {
    return text < "1970" ? kFirstNs : kLastNs;
  }
  return time.ok() ? std::clamp(*time, kFirstNs, kLastNs)
                   : Result<int64_t>(NumberError("strconv.ParseInt", text, error));
}

Result<int64_t> ParseStep(std::string_view text) {
  double seconds = 0;
  if (ParseNumber(text, seconds) == std::errc()) {
    if (!(std::abs(seconds) < kMaxSeconds)) {
      return InvalidArgument("cannot parse " + GoQuote(text) +
                             " to a valid duration. It overflows int64");
    }
    return static_cast<int64_t>(seconds * static_cast<double>(kSecond));
  }
  auto duration = ParsePrometheusDuration(text);
  if (!duration.ok()) {
    return InvalidArgument("cannot parse " + GoQuote(text) + " to a valid duration");
  }
  return duration->count();
}

Result<TimeBounds> ReadBounds(const net::Form& form, int64_t now_ns) {
  SKALD_ASSIGN_OR_RETURN(const int64_t since_ns, ReadSince(form));
  SKALD_ASSIGN_OR_RETURN(const std::optional<int64_t> end_ns, ReadTime(form, "end"));
  SKALD_ASSIGN_OR_RETURN(const std::optional<int64_t> start_ns, ReadTime(form, "start"));
  TimeBounds bounds;
  bounds.end_ns = end_ns.value_or(now_ns);
  bool fits = true;
  if (start_ns) {
    bounds.start_ns = *start_ns;
  } else {
    fits = !__builtin_sub_overflow(std::min(bounds.end_ns, now_ns), since_ns, &bounds.start_ns);
  }
  if (fits && bounds.end_ns < bounds.start_ns) {
    return InvalidArgument("end timestamp must not be before or equal to start time");
  }
  int64_t length_ns = 0;
  if (!fits || __builtin_sub_overflow(bounds.end_ns, bounds.start_ns, &length_ns)) {
    return InvalidArgument("the time from start to end is longer than 292 years");
  }
  return bounds;
}

Result<int64_t> ReadStep(const net::Form& form, const TimeBounds& bounds) {
  const int64_t length_ns = bounds.end_ns - bounds.start_ns;
  int64_t step_ns = std::max<int64_t>(length_ns / kSecond / kDefaultPoints, 1) * kSecond;
  if (const std::string_view text = form.Get("step"); !text.empty()) {
    SKALD_ASSIGN_OR_RETURN(step_ns, ParseStep(text));
    step_ns = step_ns / kMillisecond * kMillisecond;
  }
  if (step_ns <= 0) {
    return InvalidArgument(
        "zero or negative query resolution step widths are not accepted. Try a positive integer");
  }
  if (length_ns / step_ns > kMaxPoints) {
    return InvalidArgument(
        "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of "
        "the step parameter");
  }
  return step_ns;
}

Result<uint32_t> ReadLimit(const net::Form& form, std::string_view name, uint32_t fallback) {
  const std::string_view text = form.Get(name);
  if (text.empty()) {
    return fallback;
  }
  int64_t value = 0;
  if (const std::errc error = ParseNumber(text, value); error != std::errc()) {
    return NumberError("strconv.Atoi", text, error);
  }
  if (value <= 0) {
    return InvalidArgument("limit must be a positive value");
  }
  constexpr int64_t kMax = std::numeric_limits<uint32_t>::max();
  if (value > kMax) {
    return InvalidArgument("limit value " + std::to_string(value) + " is out of range [0, " +
                           std::to_string(kMax) + "]");
  }
  return static_cast<uint32_t>(value);
}

Result<querier::QueryRequest> ReadRangeQuery(const net::Form& form, int64_t now_ns) {
  querier::QueryRequest request;
  request.text = form.Get("query");
  SKALD_ASSIGN_OR_RETURN(const TimeBounds bounds, ReadBounds(form, now_ns));
  request.start_ns = bounds.start_ns;
  request.end_ns = bounds.end_ns;
  request.has_time_range = !form.Get("start").empty() || !form.Get("since").empty();
  SKALD_ASSIGN_OR_RETURN(request.limit, ReadLimit(form, "limit", 100));
  SKALD_ASSIGN_OR_RETURN(request.direction, ReadDirection(form));
  SKALD_ASSIGN_OR_RETURN(request.step_ns, ReadStep(form, bounds));
  SKALD_ASSIGN_OR_RETURN(request.interval_ns, ReadInterval(form));
  return request;
}

Result<querier::QueryRequest> ReadInstantQuery(const net::Form& form, int64_t now_ns) {
  querier::QueryRequest request;
  request.instant = true;
  request.text = form.Get("query");
  SKALD_ASSIGN_OR_RETURN(request.limit, ReadLimit(form, "limit", 100));
  request.end_ns = now_ns;
  if (const std::string_view text = form.Get("time"); !text.empty()) {
    SKALD_ASSIGN_OR_RETURN(request.end_ns, ParseTime(text));
  }
  request.start_ns = request.end_ns;
  request.has_time_range = true;  // The query's own.
  SKALD_ASSIGN_OR_RETURN(request.direction, ReadDirection(form));
  return request;
}

Result<querier::QueryRequest> ReadTailQuery(const net::Form& form, int64_t now_ns) {
  querier::QueryRequest request;
  request.text = form.Get("query");
  SKALD_ASSIGN_OR_RETURN(const std::optional<int64_t> start_ns, ReadTime(form, "start"));
  SKALD_ASSIGN_OR_RETURN(const int64_t since_ns, ReadSince(form));
  request.end_ns = now_ns + kTailAheadNs;
  request.start_ns = std::min(start_ns.value_or(now_ns - since_ns), request.end_ns);
  request.has_time_range = !form.Get("start").empty() || !form.Get("since").empty();
  SKALD_ASSIGN_OR_RETURN(request.limit, ReadLimit(form, "limit", 100));
  return request;
}

Result<int64_t> ReadTailDelay(const net::Form& form) {
  const std::string_view text = form.Get("delay_for");
  if (text.empty()) {
    return 0;
  }
  int64_t seconds = 0;
  if (const std::errc error = ParseNumber(text, seconds); error != std::errc()) {
    return NumberError("strconv.Atoi", text, error);
  }
  if (seconds < 0) {
    return InvalidArgument("delay_for can't be negative");
  }
  if (seconds > kMaxTailDelay) {
    return InvalidArgument("delay_for can't be greater than " + std::to_string(kMaxTailDelay));
  }
  return seconds * kSecond;
}

}  // namespace skald::api
