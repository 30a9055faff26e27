#include "notify/remote_receiver.h"

#include <algorithm>
#include <utility>

#include "common/logging.h"
#include "notify/answer.h"
#include "notify/write_request.h"

namespace skald::notify {
namespace {

using std::chrono::nanoseconds;

constexpr int64_t kNsPerMs = 1'000'000;
// No receiver may ask for more.
constexpr nanoseconds kMaxRetryAfter = std::chrono::minutes(5);

std::string Named(const char* name) {
  return std::string("loki_ruler_wal_prometheus_remote_storage_") + name;
}

}  // namespace

RemoteReceiver::RemoteReceiver(const Options& options, RemoteWriteClient client, FileSystem& files,
                               const Clock& clock)
    : options_(options),
      client_(std::move(client)),
      clock_(clock),
      peer_(client_.peer, files, clock),
      labels_{{"tenant", options.tenant}, {"remote_name", client_.name}, {"url", client_.url}},
      sent_(Metrics::GetCounter(Named("samples_total"), "Samples sent", labels_)),
      failed_(Metrics::GetCounter(Named("samples_failed_total"),
                                  "Samples that the receiver has refused for good", labels_)),
      retried_(Metrics::GetCounter(Named("samples_retried_total"),
                                   "Samples that were to be sent again, each try", labels_)),
      dropped_(Metrics::GetCounter(Named("samples_dropped_total"),
                                   "Samples that became too old or too many before they were sent",
                                   labels_)),
      pending_(Metrics::GetGauge(Named("samples_pending"), "Samples that wait", labels_)),
      highest_sent_(Metrics::GetGauge(Named("queue_highest_sent_timestamp_seconds"),
                                      "Time of the latest sample sent", labels_)) {
  Metrics::GetGauge(Named("shards"), "Requests at once", labels_).Set(1);
}

size_t RemoteReceiver::RemoveTooOld(std::vector<Sample>& samples) const {
  const nanoseconds limit = client_.sample_age_limit;
  const nanoseconds max_age =
      limit.count() > 0 ? std::min(limit, options_.max_age) : options_.max_age;
  const int64_t oldest_ms = (clock_.NowNs() - max_age.count()) / kNsPerMs;
  return std::erase_if(samples, [oldest_ms](const Sample& s) { return s.time_ms < oldest_ms; });
}

std::vector<Sample> RemoteReceiver::Relabel(std::vector<Sample> samples) const {
  if (client_.relabel.empty()) return samples;
  std::vector<Sample> relabelled;
  for (Sample& sample : samples) {
    auto labels = client_.relabel.Apply(sample.labels);
    if (!labels.has_value() || labels->empty()) continue;
    relabelled.push_back(
        {.labels = *std::move(labels), .time_ms = sample.time_ms, .value = sample.value});
  }
  return relabelled;
}

RemoteReceiver::Outcome RemoteReceiver::Send(std::vector<Sample> samples,
                                             const CancelToken& cancel) {
  const size_t too_old = RemoveTooOld(samples);
  samples = Relabel(std::move(samples));
  const Outcome outcome = samples.empty() ? Outcome::kDone : Post(samples, cancel);
  // What is to be sent again is looked at again.
  if (outcome == Outcome::kDone && too_old > 0) {
    CountDropped(too_old);
    LogWarn(
        "samples have become too old before they could be sent; see ruler.wal.max_age and the "
        "client's queue_config.sample_age_limit",
        {{"tenant", options_.tenant}, {"client", client_.id}, {"count", too_old}});
  }
  return outcome;
}

RemoteReceiver::Outcome RemoteReceiver::Post(const std::vector<Sample>& samples,
                                             const CancelToken& cancel) {
  net::Headers headers;
  headers.Add("Content-Type", "application/x-protobuf");
  headers.Add("Content-Encoding", "snappy");
  headers.Add("X-Prometheus-Remote-Write-Version", "0.1.0");
  if (failures_ > 0) headers.Add("Retry-Attempt", std::to_string(failures_));
  if (options_.add_org_id_header) headers.Add("X-Scope-OrgID", options_.tenant);
  const auto answer = peer_.Post(client_.url, headers, EncodeWriteRequest(samples), cancel);
  const Status status = FromAnswer(answer);
  const auto count = static_cast<double>(samples.size());
  if (status.ok()) {
    failures_ = 0;
    sent_.Add(count);
    const auto latest =
        std::max_element(samples.begin(), samples.end(),
                         [](const Sample& a, const Sample& b) { return a.time_ms < b.time_ms; });
    highest_sent_.Set(std::max(highest_sent_.value(), static_cast<double>(latest->time_ms) / 1e3));
    return Outcome::kDone;
  }
  if (cancel.cancelled()) return Outcome::kAgain;
  const bool again = IsWorthSendingAgain(answer) &&
                     (client_.retry_on_429 || !answer.ok() || answer->status != 429);
  (again ? retried_ : failed_).Add(count);
  if (again) {
    Pause(answer);
  } else {
    failures_ = 0;
  }
  if (!again || failures_ == 1) {  // The first failure of a row, not each.
    Log(again ? LogLevel::kWarn : LogLevel::kError,
        again ? "samples not sent; trying again"
              : "a request's samples are refused for good, right ones beside wrong ones too",
        {{"tenant", options_.tenant},
         {"client", client_.id},
         {"count", samples.size()},
         {"first_ms", samples.front().time_ms},
         {"last_ms", samples.back().time_ms},
         {"error", status}});
  }
  return again ? Outcome::kAgain : Outcome::kDone;
}

void RemoteReceiver::Pause(const Result<net::Response>& answer) {
  const nanoseconds backoff =
      std::min(client_.max_backoff, client_.min_backoff * (int64_t{1} << std::min(failures_, 20)));
  ++failures_;
  const auto asked = answer.ok() ? net::RetryAfter(*answer, clock_.NowNs()) : std::nullopt;
  pause_ = std::max(backoff, std::min(asked.value_or(nanoseconds(0)), kMaxRetryAfter));
}

}  // namespace skald::notify
