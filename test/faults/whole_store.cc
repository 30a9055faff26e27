#include "faults/whole_store.h"

#include <optional>
#include <string_view>

#include "common/compress.h"
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

ingester::IngesterOptions IngesterOf(const StoreShape& shape) {
  ingester::IngesterOptions options;
  options.flush_check_period = {};
  options.chunk_block_size = shape.block_bytes;
  options.wal.dir = "/data/wal";
  options.wal.segment_bytes = shape.segment_bytes;
  options.wal.codec = shape.wal_codec;
  options.wal.reserve_bytes = 1024;
  options.wal.disk_full_threshold = 1;
  return options;
}

chunkstore::Compactor::Options CompactorOf(const StoreShape& shape) {
  chunkstore::Compactor::Options options;
  options.interval = {};
  options.policy.merge_packs = 2;
  options.job.merger.sealer.block_bytes = shape.block_bytes;
  return options;
}

Limits NoLimits() {
  Limits limits;
  limits.per_stream_rate_limit = 0;
  return limits;
}

std::string StreamName(int stream) { return std::string(1, static_cast<char>('a' + stream)); }

// What a client sends: the lines one after the other, between what else is in such a message.
std::string MessageOf(const StoreShape& shape, int64_t first) {
  std::string message;
  for (int stream = 0; stream < WholeStore::kStreams; ++stream) {
    for (int64_t i = 0; i < shape.lines_a_push; ++i) {
      message += "\x12\x05" + LineText(shape, {stream, first + i});
    }
  }
  return message;
}

// Whether the row is the line, with its time and all of its metadata.
bool IsRow(const StoreShape& shape, WholeStore::Line line, const model::EntryBlock& block,
           uint32_t row) {
  if (block.times[row] != kStartNs + line.second) return false;
  if (!shape.rich) return block.metadata.empty();
  const model::MetadataColumn* const trace = block.FindMetadata("trace_id");
  return trace != nullptr && trace->Has(row) && (*trace)[row] == LineTrace(line);
}

}  // namespace

WholeStore::WholeStore(FileSystem& files, const StoreShape& shape)
    : files_(files), shape_(shape), env_(MakeRocksDbEnv(files)), limits_(NoLimits()) {}

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
      Ingester::Open(IngesterOf(shape_), {files_, clock_, limits_, *sink_, background_, nullptr}));
  remover_ = std::make_unique<chunkstore::PackRemover>(store_->parts(), clock_);
  compactor_ = std::make_unique<chunkstore::Compactor>(CompactorOf(shape_), store_->parts(),
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

Status WholeStore::Push(int64_t first) {
  model::PushBatch batch;
  const std::string& message = batch.buffers.emplace_back(MessageOf(shape_, first));
  if (shape_.rich && first / shape_.lines_a_push % 2 == 0) {
    Compress(Codec::kSnappy, message, batch.packed);
  }
  size_t at = 0;
  for (int stream = 0; stream < kStreams; ++stream) {
    auto labels = std::make_shared<const model::Labels>(model::Labels{{"app", StreamName(stream)}});
    model::PushStream& out = batch.streams.emplace_back();
    out.fingerprint = labels->Hash();
    out.labels = std::move(labels);
    out.entry_begin = static_cast<uint32_t>(batch.entries.size());
    out.entry_count = static_cast<uint32_t>(shape_.lines_a_push);
    for (int64_t number = first; number < first + shape_.lines_a_push; ++number) {
      const Line line{stream, number};
      model::PushEntry& entry = batch.entries.emplace_back();
      entry.time_ns = kStartNs + number;
      const size_t bytes = LineText(shape_, line).size();
      entry.line = std::string_view(message).substr(at + 2, bytes);
      at += 2 + bytes;
      if (!shape_.rich) continue;
      entry.metadata_begin = static_cast<uint32_t>(batch.metadata.size());
      entry.metadata_count = 1;
      batch.metadata.push_back({"trace_id", batch.buffers.emplace_back(LineTrace(line))});
    }
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
        const auto line = ParseLine(shape_, text);
        if (line && IsRow(shape_, *line, *batch->block, row) &&
            scan->labels()->Get("app") == StreamName(line->first)) {
          lines.insert(*line);
        } else {
          answer.strange.emplace_back(text);
        }
      }
    }
  }
  return {};
}

Result<WholeStore::Answer> WholeStore::Read(const Search& search) {
  const model::ScanRequest request{.tenant = Tenant(),
                                   .matchers = {},
                                   .range = model::TimeRange::All(),
                                   .direction = model::Direction::kForward,
                                   .columns = {},
                                   .literals = search.literals,
                                   .label_literals = {},
                                   .labels = search.labels};
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

Result<WholeStore::Count> WholeStore::CountLines() {
  const model::ScanRequest request{
      .tenant = Tenant(),
      .matchers = {},
      .range = model::TimeRange::All(),
      .direction = model::Direction::kForward,
      .columns = {.lines = false, .line_lengths = false, .all_metadata = false, .metadata = {}}};
  model::ScanContext context;
  std::vector<model::StreamScans> parts(2);
  SKALD_ASSIGN_OR_RETURN(parts[0], ingester_->Select(request, context));
  SKALD_ASSIGN_OR_RETURN(parts[1], store_->Select(request, context));
  Count count;
  for (const auto& scan : model::MergeScans(std::move(parts), request.direction, context.stats)) {
    const auto source = scan->Open();
    for (;;) {
      SKALD_ASSIGN_OR_RETURN(const auto batch, source->Next());
      if (batch == nullptr) break;
      count.lines += batch->selection.size();
    }
  }
  count.warnings = context.warnings.Take();
  return count;
}

}  // namespace skald::test
