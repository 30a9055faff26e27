// Lookups in an index of many streams of one day. SKALD_BENCH_STREAMS sets how many (default
// 100,000). Figures and machine: src/chunkstore/README.md.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "chunkstore/index/label_index.h"

namespace skald::chunkstore {
namespace {

using model::Labels;
using model::Matcher;
using model::Matchers;
using model::MatchOp;
using model::TenantId;
using model::TimeRange;

const TenantId kTenant("bench");
constexpr int64_t kStartNs = 1'700'000'000'000'000'000;
constexpr size_t kStreamsOfCommit = 10'000;

size_t StreamCount() {
  const char* text = std::getenv("SKALD_BENCH_STREAMS");
  return text == nullptr ? 100'000 : std::strtoull(text, nullptr, 10);
}

std::string Folder() {
  return (std::filesystem::temp_directory_path() / "skald-label-index-bench").string();
}

CommittedChunk ChunkOf(size_t i) {
  auto labels = std::make_shared<const Labels>(
      Labels({{"cluster", "eu-1"},
              {"namespace", "ns-" + std::to_string(i % 50)},
              {"app", "app-" + std::to_string(i % 1000)},
              {"pod", "app-" + std::to_string(i % 1000) + "-" + std::to_string(i)},
              {"level", i % 4 == 0 ? "error" : "info"}}));
  const model::Fingerprint fingerprint = labels->Hash();
  return {.tenant = kTenant,
          .labels = std::move(labels),
          .fingerprint = fingerprint,
          .ref = {.pack = "packs/local/17975d6bd9d60000",
                  .offset = 1000 * i,
                  .bytes = 1000,
                  .head_bytes = 100,
                  .summary = {.min_time = kStartNs, .max_time = kStartNs + 1000, .entries = 10}}};
}

// Filled once; its filling is timed too.
LabelIndex& Index() {
  static const std::unique_ptr<LabelIndex> index = [] {
    std::filesystem::remove_all(Folder());
    auto opened = LabelIndex::Open({.folder = Folder()});
    for (size_t i = 0; i < StreamCount();) {
      FlushCommit commit;
      for (size_t n = 0; n < kStreamsOfCommit && i < StreamCount(); ++n, ++i) {
        commit.chunks.push_back(ChunkOf(i));
      }
      if (!(*opened)->Commit(commit).ok()) std::abort();
    }
    return *std::move(opened);
  }();
  return *index;
}

void BM_Fill(benchmark::State& state) {
  for (auto _ : state) Index();
  state.counters["streams"] = static_cast<double>(StreamCount());
}
BENCHMARK(BM_Fill)->Iterations(1)->Unit(benchmark::kMillisecond);

void Find(benchmark::State& state, const Matchers& matchers) {
  LabelIndex& index = Index();
  size_t found = 0;
  for (auto _ : state) {
    const auto streams = index.Find(kTenant, matchers, TimeRange::All());
    if (!streams.ok()) return state.SkipWithError(streams.status().ToString().c_str());
    found = streams->size();
  }
  state.counters["found"] = static_cast<double>(found);
}

void BM_FindOnePod(benchmark::State& state) {
  Find(state, {*Matcher::Make(MatchOp::kEqual, "pod", "app-77-77")});
}
BENCHMARK(BM_FindOnePod)->Unit(benchmark::kMicrosecond);

void BM_FindOneApp(benchmark::State& state) {
  Find(state, {*Matcher::Make(MatchOp::kEqual, "cluster", "eu-1"),
               *Matcher::Make(MatchOp::kEqual, "app", "app-77"),
               *Matcher::Make(MatchOp::kNotEqual, "level", "error")});
}
BENCHMARK(BM_FindOneApp)->Unit(benchmark::kMicrosecond);

void BM_FindByRegex(benchmark::State& state) {
  Find(state, {*Matcher::Make(MatchOp::kRegex, "pod", "app-7.*-.*77")});
}
BENCHMARK(BM_FindByRegex)->Unit(benchmark::kMillisecond);

void BM_FindAll(benchmark::State& state) { Find(state, {}); }
BENCHMARK(BM_FindAll)->Unit(benchmark::kMillisecond);

void BM_LabelNames(benchmark::State& state) {
  LabelIndex& index = Index();
  for (auto _ : state) benchmark::DoNotOptimize(index.LabelNames(kTenant, {}, TimeRange::All()));
}
BENCHMARK(BM_LabelNames)->Unit(benchmark::kMicrosecond);

void BM_LabelValues(benchmark::State& state, const std::string& name) {
  LabelIndex& index = Index();
  size_t found = 0;
  for (auto _ : state) found = index.LabelValues(kTenant, name, {}, TimeRange::All())->size();
  state.counters["found"] = static_cast<double>(found);
}
BENCHMARK_CAPTURE(BM_LabelValues, app, std::string("app"))->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_LabelValues, pod, std::string("pod"))->Unit(benchmark::kMillisecond);

void BM_LabelValuesOfApps(benchmark::State& state) {
  LabelIndex& index = Index();
  const Matchers matchers = {*Matcher::Make(MatchOp::kEqual, "namespace", "ns-7")};
  size_t found = 0;
  for (auto _ : state) {
    found = index.LabelValues(kTenant, "app", matchers, TimeRange::All())->size();
  }
  state.counters["found"] = static_cast<double>(found);
}
BENCHMARK(BM_LabelValuesOfApps)->Unit(benchmark::kMillisecond);

void BM_Open(benchmark::State& state) {
  Index();
  const std::string copy = Folder() + "-copy";
  for (auto _ : state) {
    state.PauseTiming();
    std::filesystem::remove_all(copy);
    std::filesystem::copy(Folder(), copy, std::filesystem::copy_options::recursive);
    std::filesystem::remove(copy + "/LOCK");
    state.ResumeTiming();
    if (!LabelIndex::Open({.folder = copy}).ok()) std::abort();
  }
  std::filesystem::remove_all(copy);
}
BENCHMARK(BM_Open)->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace skald::chunkstore
