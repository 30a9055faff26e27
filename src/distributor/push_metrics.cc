#include "distributor/push_metrics.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "common/utf8.h"

namespace skald::distributor {
namespace {

constexpr size_t kBitsPerBucket = 3;

// Agents whose lag is told apart; what comes from more is added up under "other".
constexpr size_t kMaxUserAgents = 100;

}  // namespace

size_t LineSizes::BucketOf(size_t bytes) {
  const auto bits = static_cast<size_t>(std::bit_width(bytes <= 1 ? size_t{0} : bytes - 1));
  return std::min((bits + kBitsPerBucket - 1) / kBitsPerBucket, kBounds);
}

void LineSizes::Publish() const {
  static const Histogram histogram = [] {
    std::vector<double> bounds;
    for (size_t i = 0; i < kBounds; ++i) {
      bounds.push_back(static_cast<double>(uint64_t{1} << (kBitsPerBucket * i)));
    }
    return Metrics::GetHistogram("loki_bytes_per_line", "The total number of bytes per line.",
                                 bounds);
  }();
  histogram.ObserveMany({counts_.begin(), counts_.end()}, static_cast<double>(sum_));
}

PushMetrics::ReceivedCounters PushMetrics::CountersOf(const Received& received) {
  std::string key(received.format);
  key.append(received.internal ? "|internal|" : "||").append(received.policy);
  key.append("|").append(received.retention_hours);
  MutexLock lock(mutex_);
  const auto known = received_.find(key);
  if (known != received_.end()) return known->second;
  const std::string internal = received.internal ? "true" : "false";
  const MetricLabels bytes_labels = {{"tenant", tenant_},
                                     {"retention_hours", std::string(received.retention_hours)},
                                     {"is_internal_stream", internal},
                                     {"policy", std::string(received.policy)},
                                     {"format", std::string(received.format)}};
  MetricLabels lines_labels = bytes_labels;
  lines_labels.erase("retention_hours");
  const ReceivedCounters counters = {
      .lines = Metrics::GetCounter("loki_distributor_lines_received_total",
                                   "The total number of lines received per tenant", lines_labels),
      .bytes = Metrics::GetCounter(
          "loki_distributor_bytes_received_total",
          "The total number of uncompressed bytes received per tenant. Includes structured "
          "metadata bytes.",
          bytes_labels),
      .metadata_bytes = Metrics::GetCounter(
          "loki_distributor_structured_metadata_bytes_received_total",
          "The total number of uncompressed bytes received per tenant for entries' structured "
          "metadata",
          bytes_labels),
      .expanded_bytes = Metrics::GetCounter(
          "loki_distributor_expanded_bytes_received_total",
          "Bytes received per tenant if each line had its stream's labels with it.",
          {{"tenant", tenant_}, {"format", std::string(received.format)}})};
  return received_.emplace(std::move(key), counters).first->second;
}

void PushMetrics::AddPush(const Form& form) {
  std::string key(form.format);
  for (const std::string_view part :
       {form.content_type, form.content_encoding, form.content_version}) {
    key.append("|").append(part);
  }
  MutexLock lock(mutex_);
  auto known = pushes_.find(key);
  if (known == pushes_.end()) {
    const Counter counter =
        Metrics::GetCounter("loki_distributor_push_stats_count", "Pushes by how they were sent.",
                            {{"tenant", tenant_},
                             {"content_type", std::string(form.content_type)},
                             {"content_encoding", std::string(form.content_encoding)},
                             {"content_version", std::string(form.content_version)},
                             {"format", std::string(form.format)}});
    known = pushes_.emplace(std::move(key), counter).first;
  }
  known->second.Add();
}

void PushMetrics::AddReceived(const Received& received) {
  const ReceivedCounters counters = CountersOf(received);
  counters.lines.Add(static_cast<double>(received.lines));
  counters.bytes.Add(static_cast<double>(received.bytes));
  counters.metadata_bytes.Add(static_cast<double>(received.metadata_bytes));
  counters.expanded_bytes.Add(static_cast<double>(received.bytes + received.label_bytes));
}

void PushMetrics::AddDiscarded(const Discarded& discarded) {
  const MetricLabels labels = {{"reason", std::string(discarded.reason)},
                               {"tenant", tenant_},
                               {"retention_hours", std::string(discarded.retention_hours)},
                               {"policy", std::string(discarded.policy)},
                               {"format", std::string(discarded.format)}};
  Metrics::GetCounter("loki_discarded_samples_total",
                      "The total number of samples that were discarded.", labels)
      .Add(static_cast<double>(discarded.entries));
  Metrics::GetCounter("loki_discarded_bytes_total",
                      "The total number of bytes that were discarded.", labels)
      .Add(static_cast<double>(discarded.bytes));
}

void PushMetrics::AddTruncated(uint64_t lines, uint64_t bytes) {
  const MetricLabels labels = {{"reason", "line_too_long"}, {"tenant", tenant_}};
  Metrics::GetCounter("loki_mutated_samples_total",
                      "The total number of samples that have been mutated.", labels)
      .Add(static_cast<double>(lines));
  Metrics::GetCounter("loki_mutated_bytes_total",
                      "The total number of bytes that have been mutated.", labels)
      .Add(static_cast<double>(bytes));
}

void PushMetrics::AddSanitized(std::string_view format, uint64_t count) {
  Metrics::GetCounter("loki_distributor_push_structured_metadata_sanitized_total",
                      "The total number of times we've had to sanitize structured metadata (names "
                      "or values) at ingestion time per tenant.",
                      {{"tenant", tenant_}, {"format", std::string(format)}})
      .Add(static_cast<double>(count));
}

void PushMetrics::AddEmptyPush(std::string_view stage) {
  Metrics::GetCounter("loki_distributor_push_zero_streams_count",
                      "The total number of pushes without a stream.",
                      {{"tenant", tenant_}, {"stage", std::string(stage)}})
      .Add();
}

void PushMetrics::AddLag(std::string_view user_agent, std::string_view format, int64_t lag_ms) {
  constexpr size_t kMaxAgentBytes = 128;
  std::string agent;
  AppendValidUtf8(agent, user_agent.substr(0, kMaxAgentBytes));
  std::string key(format);
  key.append("|").append(agent);
  MutexLock lock(mutex_);
  auto known = lag_.find(key);
  if (known == lag_.end()) {
    if (lag_.size() >= kMaxUserAgents) agent = "other";
    const Counter counter = Metrics::GetCounter(
        "loki_distributor_lag_ms_total",
        "The difference in time (in millis) between when a distributor "
        "receives a push request and the most recent log timestamp in that "
        "request",
        {{"tenant", tenant_}, {"userAgent", agent}, {"format", std::string(format)}});
    if (lag_.size() >= kMaxUserAgents) {
      counter.Add(static_cast<double>(lag_ms));
      return;
    }
    known = lag_.emplace(std::move(key), counter).first;
  }
  known->second.Add(static_cast<double>(lag_ms));
}

}  // namespace skald::distributor
