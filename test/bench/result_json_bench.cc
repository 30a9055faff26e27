// What it costs to write a query's answer: 5000 lines are the most that Grafana asks for.

#include <benchmark/benchmark.h>

#include <string>

#include "loadgen/log_lines.h"
#include "wire/result_json.h"

namespace skald {
namespace {

model::QueryResult LogResult(bool categorized) {
  constexpr int kStreams = 20;
  constexpr int kEntries = 250;
  model::Streams streams;
  for (int i = 0; i < kStreams; ++i) {
    const std::string pod = "pod-" + std::to_string(i);
    model::ResultStream& stream = streams.streams.emplace_back();
    stream.labels = model::Labels{{"app", "shop"}, {"pod", pod}, {"service_name", "shop"}};
    loadgen::LineMaker maker(static_cast<loadgen::LogKind>(i % loadgen::kLogKinds), 1);
    for (int k = 0; k < kEntries; ++k) {
      model::ResultEntry& entry = stream.entries.emplace_back();
      entry.time_ns = 1'700'000'000'000'000'000 + k;
      maker.Append(entry.time_ns, entry.line);
      if (categorized) entry.structured_metadata = model::Labels{{"detected_level", "info"}};
    }
  }
  return {.data = std::move(streams), .categorized = categorized};
}

void BM_Streams(benchmark::State& state) {
  const model::QueryResult result = LogResult(state.range(0) != 0);
  const model::ScanStats stats;
  size_t bytes = 0;
  for (auto _ : state) {
    std::string out;
    wire::AppendQueryResponse(result, stats, out);
    bytes = out.size();
    benchmark::DoNotOptimize(out.data());
  }
  state.SetLabel(state.range(0) != 0 ? "categorized" : "plain");
  state.SetBytesProcessed(static_cast<int64_t>(bytes) * state.iterations());
}
BENCHMARK(BM_Streams)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void BM_Matrix(benchmark::State& state) {
  model::Matrix matrix;
  for (int i = 0; i < 50; ++i) {
    const std::string app = "app-" + std::to_string(i);
    model::Series& series = matrix.series.emplace_back();
    series.labels = model::Labels{{"app", app}};
    for (int k = 0; k < 250; ++k) series.points.push_back({1'700'000'000'000 + k * 15'000, k / 3.});
  }
  const model::QueryResult result = {.data = std::move(matrix)};
  const model::ScanStats stats;
  for (auto _ : state) {
    std::string out;
    wire::AppendQueryResponse(result, stats, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(BM_Matrix)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace skald
