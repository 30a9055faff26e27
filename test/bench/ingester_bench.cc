// What the ingester costs: `bytes_per_second` counts line bytes by the CPU time of the whole
// process, so 1 GB/s is one CPU second a GB. Data goes to $TMPDIR or /tmp.

#include "ingester/ingester.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "chunkstore/chunk_store.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "ingester/store_sink.h"
#include "loadgen/log_lines.h"

namespace skald::ingester {
namespace {

constexpr uint32_t kStreams = 200;
constexpr uint32_t kStreamsPerPush = 50;
constexpr uint32_t kLinesPerStream = 100;
constexpr int64_t kStartNs = 1'700'000'000'000'000'000;

struct Load {
  std::vector<model::PushBatch> pushes;
  uint64_t lines = 0;
  uint64_t bytes = 0;
};

// Pushes of mixed logs, about `bytes` of lines, each with a detected level.
Load MakeLoad(uint64_t bytes) {
  constexpr std::string_view kLevels[] = {"info", "info", "info", "warn", "error"};
  Load load;
  std::vector<std::shared_ptr<const model::Labels>> labels;
  std::vector<loadgen::LineMaker> makers;
  for (uint32_t i = 0; i < kStreams; ++i) {
    const std::string app = "app-" + std::to_string(i % 20);
    const std::string pod = app + "-" + std::to_string(i);
    labels.push_back(std::make_shared<const model::Labels>(
        model::Labels{{"app", app}, {"pod", pod}, {"namespace", "prod"}}));
    makers.emplace_back(static_cast<loadgen::LogKind>(i % loadgen::kLogKinds), i);
  }
  int64_t time = kStartNs;
  for (uint32_t first = 0; load.bytes < bytes; first = (first + kStreamsPerPush) % kStreams) {
    model::PushBatch& push = load.pushes.emplace_back();
    for (uint32_t i = first; i < first + kStreamsPerPush; ++i) {
      push.streams.push_back({{},
                              labels[i],
                              labels[i]->Hash(),
                              static_cast<uint32_t>(push.entries.size()),
                              kLinesPerStream});
      for (uint32_t k = 0; k < kLinesPerStream; ++k) {
        std::string& line = push.buffers.emplace_back();
        time += 100'000;
        makers[i].Append(time, line);
        const auto pair = static_cast<uint32_t>(push.metadata.size());
        push.metadata.push_back({"detected_level", kLevels[(k / 3 + i) % 5]});
        push.entries.push_back({time, line, pair, 1});
        load.bytes += line.size();
        ++load.lines;
      }
    }
  }
  return load;
}

const Load& TheLoad() {
  static const Load& load = *new Load(MakeLoad(300'000'000));
  return load;
}

class NullSink final : public ChunkSink {
 public:
  Status Store(std::vector<StreamFlush>) override { return Status(); }
  Result<uint64_t> FlushedSeq(const std::string&, model::Fingerprint) override {
    return uint64_t{0};
  }
  Result<uint64_t> HighestSeq() override { return uint64_t{0}; }
};

std::string FreshFolder() {
  const char* base = std::getenv("TMPDIR");
  const std::string folder = std::string(base != nullptr ? base : "/tmp") + "/ingester_bench";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

// What an ingester needs, over real files.
struct Setup {
  explicit Setup(ChunkSink* other = nullptr) : sink(other != nullptr ? *other : null_sink) {
    Limits limits;
    limits.per_stream_rate_limit = 0;
    limits_source = std::make_unique<StaticLimits>(limits);
    options.flush_check_period = std::chrono::seconds(5);
  }

  std::unique_ptr<Ingester> Open() {
    auto ingester =
        Ingester::Open(options, {*files, clock, *limits_source, sink, background, nullptr});
    if (!ingester.ok()) std::abort();
    return *std::move(ingester);
  }

  std::unique_ptr<FileSystem> files = MakePosixFileSystem();
  SystemClock clock;
  std::unique_ptr<StaticLimits> limits_source;
  NullSink null_sink;
  ChunkSink& sink;
  Executor background{"background", 2};
  IngesterOptions options;
};

void PushAll(Ingester& ingester, int connections) {
  const Load& load = TheLoad();
  const model::TenantId tenant("bench");
  std::vector<std::thread> threads;
  for (int t = 0; t < connections; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < load.pushes.size(); i += connections) {
        while (!ingester.Push(tenant, load.pushes[i]).ok()) {
          std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void SetRates(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<int64_t>(TheLoad().bytes) * state.iterations());
  state.SetItemsProcessed(static_cast<int64_t>(TheLoad().lines) * state.iterations());
}

enum LogMode { kNoLog, kWrite, kFsync, kFsyncLz4 };

// Pushes to acknowledgement, with what is compressed meanwhile; nothing is stored.
void BM_Push(benchmark::State& state) {
  const auto mode = static_cast<LogMode>(state.range(0));
  TheLoad();
  for (auto _ : state) {
    state.PauseTiming();
    Setup setup;
    setup.options.wal.dir = FreshFolder();
    setup.options.wal.enabled = mode != kNoLog;
    setup.options.wal.sync = mode >= kFsync;
    setup.options.wal.codec = mode == kFsyncLz4 ? Codec::kLz4 : Codec::kNone;
    auto ingester = setup.Open();
    state.ResumeTiming();
    PushAll(*ingester, 4);
    ingester.reset();  // Waits for the compression.
  }
  SetRates(state);
}
BENCHMARK(BM_Push)
    ->DenseRange(kNoLog, kFsyncLz4)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// From the push to the chunk in the store's folder.
void BM_PushAndStore(benchmark::State& state) {
  TheLoad();
  for (auto _ : state) {
    state.PauseTiming();
    const std::string folder = FreshFolder();
    const auto files = MakePosixFileSystem();
    const SystemClock clock;
    auto objects = chunkstore::FsObjectStore::Open(*files, folder + "/objects");
    if (!objects.ok()) std::abort();
    chunkstore::ChunkStore::Options options;
    options.index_folder = folder + "/index";
    auto store = chunkstore::ChunkStore::Open(options, **objects, clock);
    if (!store.ok()) std::abort();
    StoreSink sink(**store);
    Setup setup(&sink);
    setup.options.wal.dir = folder + "/wal";
    auto ingester = setup.Open();
    state.ResumeTiming();
    PushAll(*ingester, 4);
    if (!ingester->Flush().ok()) std::abort();
    state.PauseTiming();
    ingester.reset();
    uint64_t stored = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder + "/objects")) {
      if (file.is_regular_file()) stored += file.file_size();
    }
    state.counters["stored_mb"] = static_cast<double>(stored) / 1e6;
    state.ResumeTiming();
  }
  SetRates(state);
}
BENCHMARK(BM_PushAndStore)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();

void BM_Replay(benchmark::State& state) {
  Setup setup;
  setup.options.wal.dir = FreshFolder();
  setup.options.wal.sync = false;
  setup.options.memory_bytes = size_t{4} << 30;
  PushAll(*setup.Open(), 1);
  for (auto _ : state) {
    setup.Open();
  }
  SetRates(state);
}
BENCHMARK(BM_Replay)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace
}  // namespace skald::ingester
