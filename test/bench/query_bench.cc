// What queries cost by the byte of lines, on one core, next to what it takes merely to decompress
// the blocks they read: lines of tools/loadgen in blocks as a flush stores them.
//
//   Scan     decompresses the line columns out of memory, and nothing else
//   Stages   runs a query on blocks that are decoded already: filters, parsers, aggregation
//   Query    runs it on the stored chunks, page cache warm: read, check, decompress, stages
//
// `tools/bench/bench --stages` prints them as a table of ratios. Data goes to $TMPDIR or /tmp.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/chunk_store.h"
#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/format/chunk_writer.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "common/compress.h"
#include "loadgen/log_lines.h"
#include "logql/engine.h"
#include "logql/parser.h"

namespace skald {
namespace {

constexpr size_t kBytesOfKind = 32 << 20;
constexpr int64_t kStartNs = 1'700'000'400'000'000'000;  // A whole minute.
constexpr int64_t kSpanNs = 3'600'000'000'000;
constexpr int64_t kStepNs = 60'000'000'000;
constexpr int kMixed = loadgen::kLogKinds;  // All kinds at once.

// The lines of one kind as a stored stream, and what reading it begins with.
struct Stream {
  std::shared_ptr<const model::Labels> labels;
  std::vector<chunkstore::FinishedChunk> chunks;
  std::vector<std::string> bytes;                                // Of `chunks`.
  std::vector<std::shared_ptr<const model::EntryBlock>> blocks;  // Of `chunks`, decoded.
  uint64_t line_bytes = 0;
};

template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
    std::abort();
  }
  return *std::move(result);
}

Stream MakeStream(loadgen::LogKind kind) {
  Stream stream;
  stream.labels = std::make_shared<const model::Labels>(
      model::Labels{{"app", "bench"}, {"format", std::string(loadgen::LogKindName(kind))}});
  loadgen::LineMaker maker(kind, 1);
  model::EntryBlockBuilder entries;
  std::string line;
  constexpr size_t kLines = kBytesOfKind / 150;  // About as many as there will be.
  for (uint64_t seq = 1; entries.line_bytes() < kBytesOfKind; ++seq) {
    const int64_t time = kStartNs + static_cast<int64_t>(seq * (kSpanNs / 2 / kLines));
    line.clear();
    maker.Append(time, line);
    entries.Append(time, seq, line, {});
  }
  stream.line_bytes = entries.line_bytes();
  chunkstore::BlockSealer sealer({});
  stream.chunks = MakeChunks(entries.Finish(), sealer);
  for (const chunkstore::FinishedChunk& chunk : stream.chunks) {
    stream.bytes.push_back(chunk.Bytes());
    const auto reader = Must(chunkstore::ChunkReader::Make(stream.bytes.back()));
    for (size_t i = 0; i < reader.blocks().size(); ++i) {
      stream.blocks.push_back(
          std::make_shared<const model::EntryBlock>(Must(reader.ReadBlock(i, {}))));
    }
  }
  return stream;
}

const std::vector<Stream>& Streams() {
  static const std::vector<Stream>& streams = *new std::vector<Stream>([] {
    std::vector<Stream> made;
    for (int kind = 0; kind < loadgen::kLogKinds; ++kind) {
      made.push_back(MakeStream(static_cast<loadgen::LogKind>(kind)));
    }
    return made;
  }());
  return streams;
}

// Hands out decoded blocks.
class MemoryScan final : public model::StreamScan {
 public:
  explicit MemoryScan(const Stream& stream) : stream_(stream) {}

  const std::shared_ptr<const model::Labels>& labels() const override { return stream_.labels; }
  int64_t first_ns() const override { return kStartNs; }
  int64_t last_ns() const override { return kStartNs + kSpanNs; }
  uint64_t estimated_bytes() const override { return stream_.line_bytes; }

  std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange) override {
    return std::make_unique<Source>(stream_);
  }

 private:
  class Source final : public model::BatchSource {
   public:
    explicit Source(const Stream& stream) : stream_(stream) {}
    Result<std::unique_ptr<model::LogBatch>> Next() override {
      if (next_ == stream_.blocks.size()) return std::unique_ptr<model::LogBatch>();
      auto batch = std::make_unique<model::LogBatch>();
      batch->stream = stream_.labels;
      batch->block = stream_.blocks[next_++];
      batch->selection.resize(batch->block->size());
      std::iota(batch->selection.begin(), batch->selection.end(), uint32_t{0});
      return batch;
    }

   private:
    const Stream& stream_;
    size_t next_ = 0;
  };

  const Stream& stream_;
};

class MemorySource final : public logql::LogSource {
 public:
  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext&) override {
    model::StreamScans scans;
    for (const Stream& stream : Streams()) {
      if (model::MatchesAll(request.matchers, *stream.labels)) {
        scans.push_back(std::make_unique<MemoryScan>(stream));
      }
    }
    return scans;
  }
};

// The streams in a store, over real files.
class StoreSource final : public logql::LogSource {
 public:
  StoreSource() {
    const char* base = std::getenv("TMPDIR");
    const std::string folder = std::string(base != nullptr ? base : "/tmp") + "/query_bench";
    std::filesystem::remove_all(folder);
    objects_ = Must(chunkstore::FsObjectStore::Open(*files_, folder + "/objects"));
    chunkstore::ChunkStore::Options options;
    options.index_folder = folder + "/index";
    options.fetcher.block_cache_bytes = 0;  // Else the second run would read nothing.
    store_ = Must(chunkstore::ChunkStore::Open(options, *objects_, clock_));
    std::vector<chunkstore::ChunkToStore> chunks;
    for (const Stream& stream : Streams()) {
      for (const chunkstore::FinishedChunk& chunk : stream.chunks) {
        chunks.push_back({.tenant = model::TenantId("bench"),
                          .labels = stream.labels,
                          .fingerprint = stream.labels->Hash(),
                          .chunk = chunk});
      }
    }
    if (!store_->Put(chunks).ok()) std::abort();
  }

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override {
    return store_->Select(request, context);
  }

 private:
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  const SystemClock clock_;
  std::unique_ptr<chunkstore::FsObjectStore> objects_;
  std::unique_ptr<chunkstore::ChunkStore> store_;
};

uint64_t LineBytes(int kind) {
  uint64_t bytes = 0;
  for (int i = 0; i < loadgen::kLogKinds; ++i) {
    if (kind == i || kind == kMixed) bytes += Streams()[static_cast<size_t>(i)].line_bytes;
  }
  return bytes;
}

void SetBytes(benchmark::State& state, int kind) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(LineBytes(kind)));
}

void Scan(benchmark::State& state, int kind) {
  std::string raw;
  Streams();
  for (auto _ : state) {
    for (int i = 0; i < loadgen::kLogKinds; ++i) {
      if (kind != i && kind != kMixed) continue;
      for (const std::string& chunk : Streams()[static_cast<size_t>(i)].bytes) {
        const auto header = Must(chunkstore::DecodeChunkHead(chunk));
        for (const chunkstore::BlockHeader& block : header.blocks) {
          const auto* column = block.FindColumn(chunkstore::ColumnKind::kLines);
          const std::string_view stored = std::string_view(chunk).substr(
              block.data_offset + column->offset, column->stored_bytes);
          if (!Decompress(column->codec, stored, column->raw_bytes, raw, column->raw_bytes).ok()) {
            std::abort();
          }
          benchmark::DoNotOptimize(raw.data());
        }
      }
    }
  }
  SetBytes(state, kind);
}

void RunQuery(benchmark::State& state, logql::LogSource& source, int kind,
              const std::string& text) {
  Executor executor("bench", 1);
  logql::Engine engine(source, executor);
  const logql::Query query{.tenant = model::TenantId("bench"),
                           .expr = Must(logql::Parse(text)),
                           .start_ns = kStartNs,
                           .end_ns = kStartNs + kSpanNs,
                           .step_ns = kStepNs};
  for (auto _ : state) {
    model::ScanContext context;
    benchmark::DoNotOptimize(Must(engine.Run(query, context)));
  }
  SetBytes(state, kind);
}

struct Question {
  const char* name;
  int kind;  // Of the lines it reads.
  const char* text;
};

constexpr int kJson = static_cast<int>(loadgen::LogKind::kJson);
constexpr int kLogfmt = static_cast<int>(loadgen::LogKind::kLogfmt);
constexpr int kAccess = static_cast<int>(loadgen::LogKind::kAccess);

constexpr Question kQuestions[] = {
    {"common word", kMixed, R"(sum(count_over_time({app="bench"} |= "error" [1m])))"},
    {"case-insensitive", kMixed, R"(sum(count_over_time({app="bench"} |~ "(?i)exhausted" [1m])))"},
    {"case-insensitive alternation", kMixed,
     R"(sum(count_over_time({app="bench"} |~ "(?i)EXHAUSTED|slow query" [1m])))"},
    {"alternation of six", kMixed,
     R"(sum(count_over_time({app="bench"} |~ "refused|deadline|EXHAUSTED|duplicate|rollback|OOM" [1m])))"},
    {"regex with a literal", kMixed,
     R"(sum(count_over_time({app="bench"} |~ "HTTP/1.1. 50[0-9] \\d{3} " [1m])))"},
    {"regex without a literal", kMixed,
     R"(sum(count_over_time({app="bench"} |~ "[45][0-9]{2}\\s+[0-9]+" [1m])))"},
    {"json, one field", kJson, R"(sum by (status) (count_over_time({format="json"} | json [1m])))"},
    {"json, two fields unwrapped", kJson,
     R"(sum by (path) (sum_over_time({format="json"} | json | unwrap duration_ms [1m])))"},
    {"logfmt, one field", kLogfmt,
     R"(sum by (status) (count_over_time({format="logfmt"} | logfmt [1m])))"},
    {"pattern, one field", kAccess,
     R"(sum by (status) (count_over_time({format="access"} | pattern "<_> - <_> [<_>] \"<method> <path> <_>\" <status> <size> <_>" [1m])))"},
    {"count", kMixed, R"(sum by (format) (count_over_time({app="bench"}[1m])))"},
    {"bytes", kMixed, R"(sum by (format) (bytes_over_time({app="bench"}[1m])))"},
};

std::string KindName(int kind) {
  return kind == kMixed ? "mixed"
                        : std::string(loadgen::LogKindName(static_cast<loadgen::LogKind>(kind)));
}

void Register() {
  for (int kind = 0; kind <= kMixed; ++kind) {
    benchmark::RegisterBenchmark(("Scan/" + KindName(kind)).c_str(), Scan, kind)
        ->Unit(benchmark::kMillisecond);
  }
  static MemorySource& memory = *new MemorySource();
  static StoreSource& store = *new StoreSource();
  for (const auto& [part, source] :
       {std::pair<std::string, logql::LogSource*>("Stages/", &memory), {"Query/", &store}}) {
    for (const Question& question : kQuestions) {
      benchmark::RegisterBenchmark((part + question.name).c_str(), [source = source, &question](
                                                                       benchmark::State& state) {
        RunQuery(state, *source, question.kind, question.text);
        state.SetLabel(KindName(question.kind));
      })->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace
}  // namespace skald

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  skald::Register();
  benchmark::RunSpecifiedBenchmarks();
}
