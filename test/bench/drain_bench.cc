// What finding patterns costs by the line: cutting lines up, and sorting them into clusters.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/log_lines.h"
#include "patterns/drain.h"

namespace skald::patterns {
namespace {

using loadgen::LineMaker;
using loadgen::LogKind;

std::vector<std::string> Lines(LogKind kind) {
  LineMaker maker(kind, 7);
  std::vector<std::string> lines(20'000);
  int64_t time_ns = 1'700'000'000'000'000'000;
  for (std::string& line : lines) maker.Append(time_ns += 12'345'678, line);
  return lines;
}

int64_t BytesOf(const std::vector<std::string>& lines) {
  int64_t bytes = 0;
  for (const std::string& line : lines) bytes += static_cast<int64_t>(line.size());
  return bytes;
}

void Report(benchmark::State& state, LogKind kind, const std::vector<std::string>& lines) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * lines.size()));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * BytesOf(lines));
  state.SetLabel(std::string(loadgen::LogKindName(kind)));
}

void BM_SplitLine(benchmark::State& state) {
  const auto kind = static_cast<LogKind>(state.range(0));
  const std::vector<std::string> lines = Lines(kind);
  const LineCaps caps;
  LineTokens tokens;
  for (auto _ : state) {
    for (const std::string& line : lines) {
      SplitLine(line, caps, JsonFields::All(), tokens);
      benchmark::DoNotOptimize(tokens.skeleton);
    }
  }
  Report(state, kind, lines);
}
BENCHMARK(BM_SplitLine)->DenseRange(0, loadgen::kLogKinds - 1);

void BM_Drain(benchmark::State& state) {
  const auto kind = static_cast<LogKind>(state.range(0));
  const std::vector<std::string> lines = Lines(kind);
  Drain drain({});
  for (auto _ : state) {
    for (const std::string& line : lines) benchmark::DoNotOptimize(drain.Add(line));
  }
  Report(state, kind, lines);
  state.counters["patterns"] = static_cast<double>(drain.size());
}
BENCHMARK(BM_Drain)->DenseRange(0, loadgen::kLogKinds - 1);

}  // namespace
}  // namespace skald::patterns
