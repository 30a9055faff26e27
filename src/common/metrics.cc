#include "common/metrics.h"

#include <dirent.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>

#include "common/hash.h"
#include "common/metric_group.h"
#include "common/mutex.h"
#include "common/open_metrics.h"
#include "common/summary.h"

namespace skald {
namespace {

// Never destroyed: handles are used until the process ends.
prometheus::Registry& Registry() {
  static auto& registry = *new prometheus::Registry();
  return registry;
}

struct Hooks {
  Mutex mutex;
  std::vector<std::function<void()>> functions SKALD_GUARDED_BY(mutex);
};

Hooks& CollectHooks() {
  static auto& hooks = *new Hooks();
  return hooks;
}

// Groups that someone holds, or that are about to go.
struct Groups {
  Mutex mutex;
  StringMap<std::weak_ptr<MetricGroup>> by_name SKALD_GUARDED_BY(mutex);
};

Groups& AllGroups() {
  static auto& groups = *new Groups();
  return groups;
}

// The fields of /proc/self/stat from the third on: the second, the name, may hold anything.
std::vector<double> ReadProcessStat() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(text.substr(name_end + 1));
  std::string state;
  rest >> state;
  std::vector<double> fields{0};
  for (double field = 0; rest >> field;) fields.push_back(field);
  return fields;
}

double BootTimeSeconds() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

size_t CountOpenFiles() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  size_t count = 0;
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count > 3 ? count - 3 : 0;  // ".", ".." and the folder itself.
}

struct ProcessMetrics {
  Counter cpu_seconds = Metrics::GetCounter("process_cpu_seconds_total",
                                            "Total user and system CPU time in seconds.");
  Gauge resident_bytes =
      Metrics::GetGauge("process_resident_memory_bytes", "Resident memory size in bytes.");
  Gauge virtual_bytes =
      Metrics::GetGauge("process_virtual_memory_bytes", "Virtual memory size in bytes.");
  Gauge start_time = Metrics::GetGauge("process_start_time_seconds",
                                       "Start time of the process in seconds since the epoch.");
  Gauge open_files = Metrics::GetGauge("process_open_fds", "Number of open file descriptors.");
  Gauge max_files =
      Metrics::GetGauge("process_max_fds", "Maximum number of open file descriptors.");
  Gauge threads = Metrics::GetGauge("process_threads", "Number of threads.");
};

void CollectProcess() {
  static const ProcessMetrics& metrics = *new ProcessMetrics();
  // Places in proc(5)'s stat, counted from its third field.
  constexpr size_t kUserTicks = 11, kSystemTicks = 12, kThreads = 17, kStartTicks = 19,
                   kVirtualBytes = 20, kResidentPages = 21;
  const std::vector<double> stat = ReadProcessStat();
  if (stat.size() > kResidentPages) {
    const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    const double used = (stat[kUserTicks] + stat[kSystemTicks]) / ticks_per_second;
    metrics.cpu_seconds.Add(std::max(0.0, used - metrics.cpu_seconds.value()));
    metrics.threads.Set(stat[kThreads]);
    metrics.start_time.Set(BootTimeSeconds() + stat[kStartTicks] / ticks_per_second);
    metrics.virtual_bytes.Set(stat[kVirtualBytes]);
    metrics.resident_bytes.Set(stat[kResidentPages] * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  metrics.open_files.Set(static_cast<double>(CountOpenFiles()));
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    metrics.max_files.Set(static_cast<double>(limit.rlim_cur));
  }
}

std::vector<prometheus::MetricFamily> CollectAll() {
  std::vector<std::function<void()>> functions;
  {
    Hooks& hooks = CollectHooks();
    MutexLock lock(hooks.mutex);
    functions = hooks.functions;
  }
  for (const auto& function : functions) function();
  CollectProcess();
  return Registry().Collect();
}

}  // namespace

void Counter::Add(double amount) const {
  static_cast<prometheus::Counter*>(counter_)->Increment(amount);
}
double Counter::value() const { return static_cast<prometheus::Counter*>(counter_)->Value(); }

void Gauge::Set(double value) const { static_cast<prometheus::Gauge*>(gauge_)->Set(value); }
void Gauge::Add(double amount) const { static_cast<prometheus::Gauge*>(gauge_)->Increment(amount); }
double Gauge::value() const { return static_cast<prometheus::Gauge*>(gauge_)->Value(); }

void Histogram::Observe(double value) const {
  static_cast<prometheus::Histogram*>(histogram_)->Observe(value);
}

void Histogram::ObserveMany(const std::vector<double>& counts, double sum) const {
  static_cast<prometheus::Histogram*>(histogram_)->ObserveMultiple(counts, sum);
}

Counter Metrics::GetCounter(const std::string& name, const std::string& help,
                            const MetricLabels& labels) {
  Counter counter;
  counter.counter_ =
      &prometheus::BuildCounter().Name(name).Help(help).Register(Registry()).Add(labels);
  return counter;
}

Gauge Metrics::GetGauge(const std::string& name, const std::string& help,
                        const MetricLabels& labels) {
  Gauge gauge;
  gauge.gauge_ = &prometheus::BuildGauge().Name(name).Help(help).Register(Registry()).Add(labels);
  return gauge;
}

void Metrics::RemoveGauge(const std::string& name, const std::string& help,
                          const MetricLabels& labels) {
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(Registry());
  family.Remove(&family.Add(labels));
}

Histogram Metrics::GetHistogram(const std::string& name, const std::string& help,
                                const std::vector<double>& buckets, const MetricLabels& labels) {
  Histogram histogram;
  histogram.histogram_ =
      &prometheus::BuildHistogram().Name(name).Help(help).Register(Registry()).Add(labels, buckets);
  return histogram;
}

Summary Summary::Get(const std::string& name, const std::string& help, const MetricLabels& labels) {
  // Each quantile with the error that it may have: as Prometheus has its own.
  static const auto& quantiles =
      *new prometheus::Summary::Quantiles{{0.5, 0.05}, {0.9, 0.01}, {0.99, 0.001}};
  constexpr std::chrono::minutes kMaxAge(10);
  Summary summary;
  summary.summary_ = &prometheus::BuildSummary()
                          .Name(name)
                          .Help(help)
                          .Register(Registry())
                          .Add(labels, quantiles, kMaxAge);
  return summary;
}

void Summary::Observe(double value) const {
  static_cast<prometheus::Summary*>(summary_)->Observe(value);
}

std::shared_ptr<MetricGroup> MetricGroup::Get(const std::string& name) {
  Groups& groups = AllGroups();
  const MutexLock lock(groups.mutex);
  std::weak_ptr<MetricGroup>& known = groups.by_name[name];
  std::shared_ptr<MetricGroup> group = known.lock();
  if (group == nullptr) {
    group.reset(new MetricGroup(name));
    known = group;
  }
  return group;
}

MetricGroup::~MetricGroup() {
  Groups& groups = AllGroups();
  const MutexLock lock(groups.mutex);
  const auto known = groups.by_name.find(name_);
  // Another has the name, and with it the series, since this one was let go.
  if (known == groups.by_name.end() || !known->second.expired()) return;
  groups.by_name.erase(known);
  const MutexLock own_lock(mutex_);
  for (const auto& [series, remove] : removals_) remove();
}

Counter MetricGroup::GetCounter(const std::string& name, const std::string& help,
                                const MetricLabels& labels) {
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(Registry());
  const MutexLock lock(mutex_);
  removals_[{name, labels}] = [&family, series = &family.Add(labels)] { family.Remove(series); };
  return Metrics::GetCounter(name, help, labels);
}

Gauge MetricGroup::GetGauge(const std::string& name, const std::string& help,
                            const MetricLabels& labels) {
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(Registry());
  const MutexLock lock(mutex_);
  removals_[{name, labels}] = [&family, series = &family.Add(labels)] { family.Remove(series); };
  return Metrics::GetGauge(name, help, labels);
}

void Metrics::OnCollect(std::function<void()> hook) {
  Hooks& hooks = CollectHooks();
  MutexLock lock(hooks.mutex);
  hooks.functions.push_back(std::move(hook));
}

std::string Metrics::Expose() { return prometheus::TextSerializer().Serialize(CollectAll()); }

std::string ExposeOpenMetrics() { return SerializeOpenMetrics(CollectAll()); }

}  // namespace skald
