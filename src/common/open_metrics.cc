#include "common/open_metrics.h"

#include <prometheus/metric_family.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace skald {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::string_view kTotal = "_total";

void AppendEscaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || c == '"') out.push_back('\\');
      out.push_back(c);
    }
  }
}

// A float with a point, as bounds of buckets must be written: "1.0".
std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  std::string text(buffer, end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

struct Family {
  std::string_view name;  // Without the suffix of a counter.
  std::string_view type;
  std::string_view suffix;  // Of its one sample.
};

Family Describe(const MetricFamily& family) {
  std::string_view name = family.name;
  switch (family.type) {
    case MetricType::Counter:
      if (!name.ends_with(kTotal)) return {name, "unknown", ""};
      name.remove_suffix(kTotal.size());
      return {name, "counter", kTotal};
    case MetricType::Gauge:
      return {name, "gauge", ""};
    case MetricType::Histogram:
      return {name, "histogram", ""};
    case MetricType::Summary:
      return {name, "summary", ""};
    default:
      return {name, "unknown", ""};
  }
}

class Writer {
 public:
  Writer(std::string_view name, std::string& out) : name_(name), out_(out) {}

  void AppendFamily(const Family& family, std::string_view help) {
    Append("# HELP ").Append(name_).Append(" ");
    AppendEscaped(help, out_);
    Append("\n# TYPE ").Append(name_).Append(" ").Append(family.type).Append("\n");
  }

  // `bound`: the value of the label `bound_name`; none if it is empty.
  void AppendSample(std::string_view suffix, const ClientMetric& metric, std::string_view bound,
                    const std::string& value, std::string_view bound_name = "le") {
    Append(name_).Append(suffix);
    char before = '{';
    for (const auto& label : metric.label) AppendLabel(label.name, label.value, before);
    if (!bound.empty()) AppendLabel(bound_name, bound, before);
    Append(before == ',' ? "} " : " ").Append(value).Append("\n");
  }

  void AppendHistogram(const ClientMetric& metric) {
    const auto& histogram = metric.histogram;
    const std::string count = std::to_string(histogram.sample_count);
    bool whole = false;
    for (const auto& bucket : histogram.bucket) {
      whole = std::isinf(bucket.upper_bound);
      AppendSample("_bucket", metric, Number(bucket.upper_bound),
                   std::to_string(bucket.cumulative_count));
    }
    if (!whole) AppendSample("_bucket", metric, "+Inf", count);
    AppendSample("_count", metric, "", count);
    AppendSample("_sum", metric, "", Number(histogram.sample_sum));
  }

  void AppendSummary(const ClientMetric& metric) {
    const auto& summary = metric.summary;
    for (const auto& quantile : summary.quantile) {
      AppendSample("", metric, Number(quantile.quantile), Number(quantile.value), "quantile");
    }
    AppendSample("_count", metric, "", std::to_string(summary.sample_count));
    AppendSample("_sum", metric, "", Number(summary.sample_sum));
  }

 private:
  Writer& Append(std::string_view text) {
    out_.append(text);
    return *this;
  }

  void AppendLabel(std::string_view name, std::string_view value, char& before) {
    out_.push_back(before);
    Append(name).Append("=\"");
    AppendEscaped(value, out_);
    out_.push_back('"');
    before = ',';
  }

  const std::string_view name_;
  std::string& out_;
};

}  // namespace

std::string SerializeOpenMetrics(const std::vector<MetricFamily>& families) {
  std::string out;
  for (const MetricFamily& family : families) {
    const Family described = Describe(family);
    Writer writer(described.name, out);
    writer.AppendFamily(described, family.help);
    for (const ClientMetric& metric : family.metric) {
      switch (family.type) {
        case MetricType::Histogram:
          writer.AppendHistogram(metric);
          break;
        case MetricType::Summary:
          writer.AppendSummary(metric);
          break;
        case MetricType::Counter:
          writer.AppendSample(described.suffix, metric, "", Number(metric.counter.value));
          break;
        case MetricType::Gauge:
          writer.AppendSample("", metric, "", Number(metric.gauge.value));
          break;
        default:
          writer.AppendSample("", metric, "", Number(metric.untyped.value));
      }
    }
  }
  return out += "# EOF\n";
}

}  // namespace skald
