#include "querier/held_streams.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "common/hash.h"

namespace skald::querier {
namespace {

using Block = std::shared_ptr<const model::EntryBlock>;
using Blocks = std::vector<Block>;

constexpr size_t kBatchRows = 4096;

// Blocks of a size that the engine works with, in ascending order of time.
Blocks Cut(const model::EntryBlock& whole) {
  Blocks blocks;
  for (size_t row = 0; row < whole.size();) {
    model::EntryBlockBuilder builder;
    const size_t end = std::min(row + kBatchRows, whole.size());
    for (; row < end; ++row) builder.Append(whole, row);
    blocks.push_back(std::make_shared<const model::EntryBlock>(builder.Finish()));
  }
  return blocks;
}

std::unique_ptr<model::LogBatch> MakeBatch(const std::shared_ptr<const model::Labels>& labels,
                                           const Block& block, model::TimeRange range) {
  auto batch = std::make_unique<model::LogBatch>();
  batch->stream = labels;
  batch->block = block;
  for (uint32_t row = 0; row < block->size(); ++row) {
    if (range.Contains(block->times[row])) batch->selection.push_back(row);
  }
  return batch;
}

// What of a stream lies in a range.
class HeldScan final : public model::StreamScan {
 public:
  // Requires: some block has an entry in the range.
  HeldScan(std::shared_ptr<const model::Labels> labels, const Blocks& blocks,
           const model::ScanRequest& request)
      : labels_(std::move(labels)), range_(request.range) {
    for (const Block& block : blocks) {
      if (range_.Touches(block->times.front(), block->times.back())) blocks_.push_back(block);
    }
    first_ns_ = blocks_.front()->times.front();
    last_ns_ = blocks_.back()->times.back();
    if (request.direction == model::Direction::kBackward) {
      std::reverse(blocks_.begin(), blocks_.end());
    }
  }

  const std::shared_ptr<const model::Labels>& labels() const override { return labels_; }
  int64_t first_ns() const override { return first_ns_; }
  int64_t last_ns() const override { return last_ns_; }
  uint64_t estimated_bytes() const override {
    return std::accumulate(blocks_.begin(), blocks_.end(), uint64_t{0},
                           [](uint64_t sum, const Block& b) { return sum + b->lines.text.size(); });
  }
  std::vector<model::ScanSpan> Spans() const override {
    std::vector<model::ScanSpan> spans;
    for (const Block& block : blocks_) {
      spans.push_back({.first_ns = block->times.front(),
                       .last_ns = block->times.back(),
                       .line_bytes = block->lines.text.size()});
    }
    return spans;
  }
  std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange part) override {
    return std::make_unique<Source>(labels_, blocks_, range_.Intersect(part));
  }

 private:
  class Source final : public model::BatchSource {
   public:
    Source(std::shared_ptr<const model::Labels> labels, Blocks blocks, model::TimeRange range)
        : labels_(std::move(labels)), blocks_(std::move(blocks)), range_(range) {}

    Result<std::unique_ptr<model::LogBatch>> Next() override {
      while (next_ < blocks_.size()) {
        auto batch = MakeBatch(labels_, blocks_[next_++], range_);
        if (!batch->selection.empty()) return batch;
      }
      return std::unique_ptr<model::LogBatch>();
    }

   private:
    const std::shared_ptr<const model::Labels> labels_;
    const Blocks blocks_;
    const model::TimeRange range_;
    size_t next_ = 0;
  };

  const std::shared_ptr<const model::Labels> labels_;
  const model::TimeRange range_;
  Blocks blocks_;
  int64_t first_ns_ = 0;
  int64_t last_ns_ = 0;
};

}  // namespace

struct HeldStreams::Stream {
  std::shared_ptr<const model::Labels> labels;
  Blocks blocks;

  bool HasAnyIn(model::TimeRange range) const {
    return std::ranges::any_of(blocks, [&](const Block& block) {
      const auto first = std::ranges::lower_bound(block->times, range.start);
      return first != block->times.end() && *first < range.end;
    });
  }

  // What it has in the range.
  rpc::StreamSize SizeIn(model::TimeRange range) const {
    rpc::StreamSize size{.labels = labels};
    for (const Block& block : blocks) {
      for (size_t row = 0; row < block->size(); ++row) {
        if (!range.Contains(block->times[row])) continue;
        ++size.entries;
        size.bytes += block->lines.Length(row);
      }
    }
    return size;
  }
};

HeldStreams::HeldStreams() = default;
HeldStreams::~HeldStreams() = default;

void HeldStreams::Add(const model::Labels& labels, std::span<const Entry> entries) {
  model::EntryBlockBuilder builder;
  uint64_t seq = 0;
  for (const Entry& entry : entries) {
    builder.Append(entry.time_ns, seq++, entry.line, entry.metadata);
  }
  Stream stream{.labels = std::make_shared<const model::Labels>(labels),
                .blocks = Cut(builder.Finish())};
  const auto place =
      std::lower_bound(streams_.begin(), streams_.end(), labels,
                       [](const Stream& s, const model::Labels& l) { return *s.labels < l; });
  streams_.insert(place, std::move(stream));
}

Result<std::vector<const HeldStreams::Stream*>> HeldStreams::Find(const model::Matchers& matchers,
                                                                  model::TimeRange range,
                                                                  const CancelToken& cancel) const {
  std::vector<const Stream*> found;
  for (const Stream& stream : streams_) {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    if (!model::MatchesAll(matchers, *stream.labels)) continue;
    if (stream.HasAnyIn(range)) found.push_back(&stream);
  }
  return found;
}

Result<model::StreamScans> HeldStreams::Select(const model::ScanRequest& request,
                                               model::ScanContext& context) {
  SKALD_ASSIGN_OR_RETURN(const auto found, Find(request.matchers, request.range, context.cancel));
  model::StreamScans scans;
  for (const Stream* stream : found) {
    scans.push_back(std::make_unique<HeldScan>(stream->labels, stream->blocks, request));
  }
  context.stats.streams += scans.size();
  return scans;
}

Result<std::vector<std::string>> HeldStreams::LabelNames(const model::StreamLookup& of) {
  SKALD_ASSIGN_OR_RETURN(const auto found, Find(of.matchers, of.range, of.cancel));
  std::set<std::string> names;
  for (const Stream* stream : found) {
    for (const model::LabelView label : *stream->labels) names.emplace(label.name);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Result<TextList> HeldStreams::LabelValues(const model::StreamLookup& of, const std::string& name) {
  SKALD_ASSIGN_OR_RETURN(const auto found, Find(of.matchers, of.range, of.cancel));
  TextList values;
  ViewMap<bool> seen;
  for (const Stream* stream : found) {
    if (!stream->labels->Has(name)) continue;
    const std::string_view value = stream->labels->Get(name);
    if (seen.emplace(value, true).second) values.Add(value);
  }
  SKALD_RETURN_IF_ERROR(values.SortUnique(of.cancel));
  return values;
}

Result<model::SeriesList> HeldStreams::Series(const model::StreamLookup& of) {
  SKALD_ASSIGN_OR_RETURN(const auto found, Find(of.matchers, of.range, of.cancel));
  model::SeriesList series;
  for (const Stream* stream : found) series.Add(*stream->labels);
  return series;
}

Result<rpc::StreamStats> HeldStreams::Stats(const model::StreamLookup& of) {
  rpc::StreamStats stats;
  SKALD_ASSIGN_OR_RETURN(const auto sizes, Sizes(of));
  for (const rpc::StreamSize& size : sizes) {
    ++stats.streams;
    stats.entries += size.entries;
    stats.bytes += size.bytes;
  }
  return stats;
}

Result<std::vector<rpc::StreamSize>> HeldStreams::Sizes(const model::StreamLookup& of) {
  SKALD_ASSIGN_OR_RETURN(const auto found, Find(of.matchers, of.range, of.cancel));
  std::vector<rpc::StreamSize> sizes;
  for (const Stream* stream : found) {
    SKALD_RETURN_IF_ERROR(of.cancel.Check());
    sizes.push_back(stream->SizeIn(of.range));
  }
  return sizes;
}

Result<std::vector<StreamVolume>> HeldStreams::Volumes(const model::StreamLookup& of,
                                                       std::span<const model::TimeRange> ranges) {
  return ReadVolumes(*this, of, ranges, {});
}

}  // namespace skald::querier
