// What it costs to seal blocks and to read them back, in bytes of raw lines a second, over made-up
// lines of four kinds (JSON, logfmt, access log, Java). Figures and machine:
// src/chunkstore/FIGURES.md.

#include <benchmark/benchmark.h>

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "chunkstore/compact/stream_merger.h"
#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/format/line_filter_index.h"
#include "model/entry_block.h"

namespace skald::chunkstore {
namespace {

constexpr size_t kBytesOfKind = 8 << 20;

class LineMaker {
 public:
  std::string Json() {
    return Text(
        R"({"ts":"2023-11-14T22:%02d:%02d.%06dZ","level":"%s","caller":"api/handler.go:%d",)"
        R"("msg":"%s %s %s","trace_id":"%016llx%016llx","status":%d,"duration_ms":%d.%03d,)"
        R"("path":"/api/v1/%s/%d","method":"GET","user_id":%d})",
        Below(60), Below(60), Below(1000000), Level(), Below(400), Word(), Word(), Word(), Long(),
        Long(), 200 + Below(3) * 101, Below(300), Below(1000), Word(), Below(100000),
        Below(1000000));
  }
  std::string Logfmt() {
    return Text(
        "ts=2023-11-14T22:%02d:%02d.%06dZ level=%s caller=%s.go:%d msg=\"%s %s %s\" took=%d.%03dms "
        "bytes=%d tenant=%d",
        Below(60), Below(60), Below(1000000), Level(), Word(), Below(900), Word(), Word(), Word(),
        Below(90), Below(1000), Below(99999), Below(40));
  }
  std::string Access() {
    return Text(
        "10.%d.%d.%d - - [14/Nov/2023:22:%02d:%02d +0000] \"GET /%s/%s?id=%d HTTP/1.1\" %d %d "
        "\"-\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/%d.0.0.0 Safari/537.36\"",
        Below(64), Below(256), Below(256), Below(60), Below(60), Word(), Word(), Below(10000000),
        200 + Below(3) * 101, Below(50000), 80 + Below(40));
  }
  std::string Java() {
    return Text(
        "2023-11-14 22:%02d:%02d.%03d  %s [pool-1-thread-%d] c.e.%s.%sService - %s %s "
        "%016llx id=%d in %d ms",
        Below(60), Below(60), Below(1000), Level(), Below(64), Word(), Word(), Word(), Word(),
        Long(), Below(1000000000), Below(2000));
  }

 private:
  int Below(int limit) { return static_cast<int>(random_() % static_cast<uint64_t>(limit)); }
  unsigned long long Long() { return random_(); }
  const char* Level() { return Below(8) == 0 ? "error" : "info"; }
  const char* Word() {
    static constexpr const char* kWords[] = {
        "user",   "order",    "payment", "cart",     "session",    "token",
        "cache",  "database", "query",   "request",  "timeout",    "retry",
        "pool",   "worker",   "queue",   "topic",    "lag",        "commit",
        "offset", "upstream", "job",     "rollback", "connection", "partition"};
    return kWords[Below(24)];
  }
  static std::string Text(const char* format, ...) __attribute__((format(printf, 1, 2))) {
    char buffer[1024];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    return buffer;
  }

  std::mt19937_64 random_{1};
};

using MakeLine = std::string (LineMaker::*)();
constexpr MakeLine kKinds[] = {&LineMaker::Json, &LineMaker::Logfmt, &LineMaker::Access,
                               &LineMaker::Java};

// A block of kBytesOfKind of each kind, made once.
const std::vector<model::EntryBlock>& Kinds() {
  static const std::vector<model::EntryBlock> kinds = [] {
    std::vector<model::EntryBlock> made;
    LineMaker maker;
    for (const MakeLine make : kKinds) {
      model::EntryBlockBuilder builder;
      int64_t time = 1'700'000'000'000'000'000;
      for (uint64_t seq = 0; builder.line_bytes() < kBytesOfKind; ++seq) {
        time += 1'000 * static_cast<int64_t>(1 + seq * 7919 % 20'000);
        builder.Append(time, 3 * seq, (maker.*make)(), {});
      }
      made.push_back(builder.Finish());
    }
    return made;
  }();
  return kinds;
}

std::vector<SealedBlock> SealAll(const BlockSealer::Options& options) {
  BlockSealer sealer(options);
  std::vector<SealedBlock> blocks;
  for (const model::EntryBlock& kind : Kinds()) sealer.Seal(kind, blocks);
  return blocks;
}

void SetBytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(4 * kBytesOfKind));
}

void Seal(benchmark::State& state, const BlockSealer::Options& options) {
  Kinds();
  size_t stored = 0;
  size_t filters = 0;
  for (auto _ : state) {
    stored = filters = 0;
    for (const SealedBlock& block : SealAll(options)) {
      stored += block.data.size();
      filters += block.filters.size();
    }
  }
  SetBytes(state);
  state.counters["ratio"] = 4.0 * kBytesOfKind / static_cast<double>(stored);
  state.counters["filter_percent"] =
      100.0 * static_cast<double>(filters) / static_cast<double>(stored);
}

// Argument 0: codec; 1: percent for filters.
void BM_Seal(benchmark::State& state) {
  Seal(state, {.codec = static_cast<Codec>(state.range(0)),
               .level = state.range(0) == 4 ? 1 : 0,
               .filter_percent = static_cast<double>(state.range(1))});
}
BENCHMARK(BM_Seal)
    ->Args({static_cast<int>(Codec::kNone), 0})
    ->Args({static_cast<int>(Codec::kLz4), 0})
    ->Args({static_cast<int>(Codec::kLz4), 10})
    ->Args({static_cast<int>(Codec::kZstd), 0})
    ->Args({static_cast<int>(Codec::kZstd), 10})
    ->Unit(benchmark::kMillisecond);

void BM_SealCompacted(benchmark::State& state) { Seal(state, StreamMerger::Options().sealer); }
BENCHMARK(BM_SealCompacted)->Unit(benchmark::kMillisecond);

void BM_CollectGrams(benchmark::State& state) {
  LineFilterBuilder builder;
  for (auto _ : state) {
    for (const model::EntryBlock& kind : Kinds()) {
      for (size_t at = 0; at < kind.lines.text.size(); at += 512 << 10) {
        builder.Add(std::string_view(kind.lines.text).substr(at, 512 << 10));
        benchmark::DoNotOptimize(builder.Finish(16 << 10));
      }
    }
  }
  SetBytes(state);
}
BENCHMARK(BM_CollectGrams)->Unit(benchmark::kMillisecond);

void Decode(benchmark::State& state, const model::ColumnSet& columns) {
  const std::vector<SealedBlock> blocks =
      SealAll({.codec = static_cast<Codec>(state.range(0)), .level = state.range(0) == 4 ? 1 : 0});
  for (auto _ : state) {
    for (const SealedBlock& block : blocks) benchmark::DoNotOptimize(DecodeBlock(block, columns));
  }
  SetBytes(state);
}

void BM_DecodeLines(benchmark::State& state) { Decode(state, {}); }
BENCHMARK(BM_DecodeLines)
    ->Arg(static_cast<int>(Codec::kLz4))
    ->Arg(static_cast<int>(Codec::kZstd))
    ->Unit(benchmark::kMillisecond);

void BM_DecodeTimes(benchmark::State& state) {
  Decode(state, {.lines = false, .line_lengths = false, .all_metadata = false, .metadata = {}});
}
BENCHMARK(BM_DecodeTimes)->Arg(static_cast<int>(Codec::kLz4))->Unit(benchmark::kMillisecond);

// In memory that the block before has left, as queries do it.
void BM_DecodeCompacted(benchmark::State& state) {
  const std::vector<SealedBlock> blocks = SealAll(StreamMerger::Options().sealer);
  DecodeBuffers buffers;
  model::EntryBlock decoded;
  for (auto _ : state) {
    for (const SealedBlock& block : blocks) {
      const StoredPart whole{.offset = 0, .bytes = block.data};
      const Status status = DecodeBlock({block.header, {}, std::span(&whole, 1)}, buffers, decoded);
      if (!status.ok()) state.SkipWithError("a block does not decode");
    }
  }
  SetBytes(state);
}
BENCHMARK(BM_DecodeCompacted)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace skald::chunkstore
