#include "api/metrics_format.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "common/ascii.h"

namespace skald::api {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Cuts off what is before the next `separator`, and the separator.
std::string_view TakeUntil(char separator, std::string_view& rest) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return Trim(part);
}

// One range of types in `Accept`.
struct MediaRange {
  std::string_view type;
  std::string_view version;
  double weight = 1;
};

MediaRange ReadMediaRange(std::string_view text) {
  MediaRange range{.type = TakeUntil(';', text)};
  while (!text.empty()) {
    std::string_view value = TakeUntil(';', text);
    const std::string_view name = TakeUntil('=', value);
    if (name == "version") range.version = Trim(value);
    if (name == "q") {
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), range.weight);
      if (error != std::errc() || !(range.weight >= 0)) range.weight = 0;
    }
  }
  return range;
}

bool IsOpenMetrics(const MediaRange& range) {
  // 0.0.1 is what 1.0.0 was called before.
  return EqualsIgnoringCase(range.type, "application/openmetrics-text") &&
         (range.version.empty() || range.version == "1.0.0" || range.version == "0.0.1");
}

bool IsPrometheus(const MediaRange& range) {
  return EqualsIgnoringCase(range.type, "text/plain") || range.type == "text/*" ||
         range.type == "*/*";
}

}  // namespace

MetricsFormat ChooseMetricsFormat(std::string_view accept) {
  double open_metrics = 0;
  double prometheus = 0;
  while (!accept.empty()) {
    const MediaRange range = ReadMediaRange(TakeUntil(',', accept));
    if (IsOpenMetrics(range)) open_metrics = std::max(open_metrics, range.weight);
    if (IsPrometheus(range)) prometheus = std::max(prometheus, range.weight);
  }
  return open_metrics > prometheus ? MetricsFormat::kOpenMetrics : MetricsFormat::kPrometheus;
}

std::string_view MetricsContentType(MetricsFormat format) {
  return format == MetricsFormat::kOpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
             : "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";
}

}  // namespace skald::api
