#include "faults/whole_store.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "model/batch_source.h"
#include "model/push_batch.h"

namespace skald::test {
namespace {

using ingester::Ingester;

// Of all lines: a day, so that they can be compacted into one pack.
constexpr int64_t kStartNs = 1'700'006'400'000'000'000;

const model::TenantId& Tenant() {
  static const model::TenantId tenant("team");
  return tenant;
}

ingester::IngesterOptions SmallIngester() {
  ingester::IngesterOptions options;
  options.flush_check_period = {};
  options.chunk_block_size = 400;
  options.wal.dir = "/data/wal";
  options.wal.segment_bytes = 1500;
  options.wal.reserve_bytes = 1024;
  options.wal.disk_full_threshold = 1;
  return options;
}

chunkstore::Compactor::Options SmallCompactor() {
  chunkstore::Compactor::Options options;
  options.interval = {};
  options.policy.merge_packs = 2;
  return options;
}

Limits NoLimits() {
  Limits limits;
  limits.per_stream_rate_limit = 0;
  return limits;
}

// Long enough to be worth its compression, and checked as a whole when it is read.
std::string Text(WholeStore::Line line) {
  std::string text = std::to_string(line.first) + " " + std::to_string(line.second) + " ";
  return text.append(60, static_cast<char>('a' + line.second % 26));
}

std::optional<WholeStore::Line> ParseLine(int64_t time_ns, std::string_view text) {
  WholeStore::Line line;
  const char* const end = text.data() + text.size();
  const auto stream = std::from_chars(text.data(), end, line.first);
  if (stream.ec != std::errc() || stream.ptr == end) return std::nullopt;
  const auto number = std::from_chars(stream.ptr + 1, end, line.second);
  if (number.ec != std::errc() || text != Text(line)) return std::nullopt;
  if (time_ns != kStartNs + line.second) return std::nullopt;
  return line;
}

}  // namespace

WholeStore::WholeStore(FileSystem& files)
    : files_(files), env_(MakeRocksDbEnv(files)), limits_(NoLimits()) {}

WholeStore::~WholeStore() { Die(); }

Status WholeStore::Open() {
  Die();
  SKALD_ASSIGN_OR_RETURN(objects_, chunkstore::FsObjectStore::Open(files_, "/data/chunks"));
  SKALD_ASSIGN_OR_RETURN(store_,
                         chunkstore::ChunkStore::Open({.index_folder = "/data/index",
                                                       .pack_bytes = 1 << 20,
                                                       .index_cache_bytes = 1 << 20,
                                                       .labels_cache_bytes = 1 << 20,
                                                       .index_env = env_.get(),
                                                       .fetcher = {.block_cache_bytes = 1 << 20}},
                                                      *objects_, clock_));
  sink_ = std::make_unique<ingester::StoreSink>(*store_);
  SKALD_ASSIGN_OR_RETURN(
      ingester_,
      Ingester::Open(SmallIngester(), {files_, clock_, limits_, *sink_, background_, nullptr}));
  remover_ = std::make_unique<chunkstore::PackRemover>(store_->parts(), clock_);
  compactor_ = std::make_unique<chunkstore::Compactor>(SmallCompactor(), store_->parts(),
                                                       retention_, *remover_, clock_);
  return {};
}

void WholeStore::Close() {
  if (ingester_ != nullptr) (void)ingester_->Stop();
  Die();
}

void WholeStore::Die() {
  compactor_.reset();
  remover_.reset();
  ingester_.reset();
  sink_.reset();
  store_.reset();
  objects_.reset();
}

Status WholeStore::Push(int64_t number) {
  model::PushBatch batch;
  for (int stream = 0; stream < kStreams; ++stream) {
    auto labels = std::make_shared<const model::Labels>(
        model::Labels{{"app", std::string(1, static_cast<char>('a' + stream))}});
    model::PushStream& out = batch.streams.emplace_back();
    out.fingerprint = labels->Hash();
    out.labels = std::move(labels);
    out.entry_begin = static_cast<uint32_t>(batch.entries.size());
    out.entry_count = 1;
    model::PushEntry& entry = batch.entries.emplace_back();
    entry.time_ns = kStartNs + number;
    entry.line = batch.buffers.emplace_back(Text({stream, number}));
  }
  return ingester_->Push(Tenant(), batch).status();
}

Status WholeStore::AddLines(model::StreamScans scans, Answer& answer, std::multiset<Line>& lines) {
  for (const auto& scan : scans) {
    const auto source = scan->Open();
    while (true) {
      SKALD_ASSIGN_OR_RETURN(const auto batch, source->Next());
      if (batch == nullptr) break;
      for (const uint32_t row : batch->selection) {
        const std::string_view text = batch->block->lines[row];
        const auto line = ParseLine(batch->block->times[row], text);
        if (line && scan->labels()->Get("app") == std::string(1, 'a' + line->first)) {
          lines.insert(*line);
        } else {
          answer.strange.emplace_back(text);
        }
      }
    }
  }
  return {};
}

Result<WholeStore::Answer> WholeStore::Read() {
  const model::ScanRequest request{.tenant = Tenant(),
                                   .matchers = {},
                                   .range = model::TimeRange::All(),
                                   .direction = model::Direction::kForward};
  Answer answer;
  model::ScanContext context;
  std::multiset<Line> in_memory;
  SKALD_ASSIGN_OR_RETURN(auto memory, ingester_->Select(request, context));
  SKALD_RETURN_IF_ERROR(AddLines(std::move(memory), answer, in_memory));
  SKALD_ASSIGN_OR_RETURN(auto stored, store_->Select(request, context));
  SKALD_RETURN_IF_ERROR(AddLines(std::move(stored), answer, answer.lines));
  // What both have a query gives once.
  const std::multiset<Line> in_store = answer.lines;
  for (const Line& line : in_memory) {
    if (!in_store.contains(line)) answer.lines.insert(line);
  }
  answer.warnings = context.warnings.Take();
  return answer;
}

}  // namespace skald::test
