#include "loadgen/check_load.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/mutex.h"
#include "net/http_client.h"

namespace skald::loadgen {
namespace {

// Lines of a stream in one query, below the server's default limit of entries.
constexpr size_t kPageLines = 4500;

using Entries = std::vector<std::pair<int64_t, std::string>>;

Result<Entries> ParseEntries(const std::string& body) {
  Entries entries;
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_discarded()) return Unavailable("the answer is no JSON: " + body.substr(0, 200));
  for (const auto& stream : json["data"]["result"]) {
    for (const auto& value : stream["values"]) {
      entries.emplace_back(std::stoll(value[0].get<std::string>()), value[1].get<std::string>());
    }
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

class Check {
 public:
  Check(const LoadOptions& load, const PushOptions& push) : load_(load), push_(push) {}

  // One connection's work: checks groups until none is left.
  void Connection() {
    net::HttpClient client({.timeout = std::chrono::seconds(60)}, clock_);
    for (uint32_t group; (group = next_group_++) < PayloadMaker::Groups(load_);) {
      const Status status = CheckGroup(group, client);
      if (status.ok()) continue;
      MutexLock lock(mutex_);
      if (status_.ok()) status_ = status;
    }
  }

  Result<CheckReport> Finish(double seconds) {
    MutexLock lock(mutex_);
    if (!status_.ok()) return status_;
    total_.seconds = seconds;
    return total_;
  }

 private:
  Status CheckGroup(uint32_t group, net::HttpClient& client) {
    PayloadMaker maker(load_, group);
    std::vector<StreamLines> page;
    std::vector<StreamLines> next;
    bool more = maker.NextLines(page);
    while (more) {
      next.clear();
      more = maker.NextLines(next);
      if (more && next[0].times_ns.front() <= page[0].times_ns.back()) {
        return InvalidArgument("pushes of one stream overlap in time; give a longer --span");
      }
      const bool full = page[0].lines.size() + load_.lines_per_stream > kPageLines;
      if (more && !full) {
        for (size_t s = 0; s < page.size(); ++s) MoveLines(next[s], page[s]);
        continue;
      }
      const int64_t end_ns = more ? next[0].times_ns.front() : page[0].times_ns.back() + 1;
      for (const StreamLines& stream : page) {
        if (Status s = CheckPage(stream, end_ns, client); !s.ok()) return s;
      }
      page.swap(next);
    }
    return Status();
  }

  static void MoveLines(StreamLines& from, StreamLines& to) {
    to.times_ns.insert(to.times_ns.end(), from.times_ns.begin(), from.times_ns.end());
    std::move(from.lines.begin(), from.lines.end(), std::back_inserter(to.lines));
  }

  Status CheckPage(const StreamLines& stream, int64_t end_ns, net::HttpClient& client) {
    net::ClientRequest request;
    request.url = push_.url +
                  "/loki/api/v1/query_range?direction=forward&limit=" + std::to_string(kPageLines) +
                  "&start=" + std::to_string(stream.times_ns.front()) +
                  "&end=" + std::to_string(end_ns) +
                  "&query=" + net::EncodeUrlComponent(stream.labels);
    if (!push_.tenant.empty()) request.headers.Add("X-Scope-OrgID", push_.tenant);
    const auto response = client.Send(request);
    if (!response.ok()) return response.status();
    if (response->status != 200) {
      return Unavailable(stream.labels + ": " + std::to_string(response->status) + " " +
                         response->body);
    }
    auto got = ParseEntries(response->body);
    if (!got.ok()) return got.status();
    Compare(stream, *got);
    return Status();
  }

  void Compare(const StreamLines& stream, const Entries& got) {
    uint64_t wrong = 0;
    std::string first;
    const size_t n = std::max(got.size(), stream.lines.size());
    for (size_t i = 0; i < n; ++i) {
      const bool same = i < got.size() && i < stream.lines.size() &&
                        got[i].first == stream.times_ns[i] && got[i].second == stream.lines[i];
      if (same) continue;
      if (wrong++ == 0) {
        first = stream.labels + ", line " + std::to_string(i) + " of " +
                std::to_string(stream.lines.size()) + ": " +
                (i < got.size() ? "got " + std::to_string(got[i].first) + " " + got[i].second
                                : "missing");
      }
    }
    MutexLock lock(mutex_);
    ++total_.queries;
    total_.lines += stream.lines.size();
    if (total_.wrong == 0) total_.first_wrong = std::move(first);
    total_.wrong += wrong;
  }

  const LoadOptions& load_;
  const PushOptions& push_;
  const SystemClock clock_;
  std::atomic<uint32_t> next_group_ = 0;
  Mutex mutex_;
  CheckReport total_ SKALD_GUARDED_BY(mutex_);
  Status status_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace

Result<CheckReport> CheckLoad(const LoadOptions& load, const PushOptions& push) {
  Check check(load, push);
  const SystemClock clock;
  const int64_t begin = clock.MonotonicNs();
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < push.connections; ++i) threads.emplace_back([&] { check.Connection(); });
  for (std::thread& thread : threads) thread.join();
  return check.Finish(static_cast<double>(clock.MonotonicNs() - begin) * 1e-9);
}

}  // namespace skald::loadgen
