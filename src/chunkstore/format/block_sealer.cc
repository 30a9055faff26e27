#include "chunkstore/format/block_sealer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "chunkstore/format/column_codec.h"
#include "chunkstore/format/line_filter.h"
#include "chunkstore/format/value_filter.h"
#include "common/fault_point.h"
#include "common/hash.h"
#include "common/logging.h"
#include "model/metadata_volume.h"

namespace skald::chunkstore {
namespace {

// A burst of one time may make a block so many times larger than wanted before it is cut.
constexpr size_t kBurstFactor = 4;
// Lines that are read as fast as a filter would be.
constexpr size_t kMinFilteredBytes = 2 << 10;
// Fewer rows are not worth columns.
constexpr size_t kMinSplitRows = 12;
// Metadata that the server adds itself does not count towards sizes shown to users.
constexpr std::string_view kDetectedLevel = "detected_level";

// What the values of metadata of some rows take, each counted once as a column stores it.
class MetadataSize {
 public:
  explicit MetadataSize(const model::EntryBlock& entries)
      : entries_(entries), seen_(entries.metadata.size()) {}

  void Add(size_t row) {
    for (size_t i = 0; i < seen_.size(); ++i) {
      const model::MetadataColumn& column = entries_.metadata[i];
      if (!column.Has(row)) continue;
      const uint32_t value = column.codes[row] - 1;
      if (seen_[i].empty()) seen_[i].resize(column.values.size());
      if (seen_[i][value]) continue;
      seen_[i][value] = true;
      bytes_ += column.values.Length(value);
    }
  }
  uint64_t bytes() const { return bytes_; }

 private:
  const model::EntryBlock& entries_;
  std::vector<std::vector<bool>> seen_;  // By column and value.
  uint64_t bytes_ = 0;
};

// The first row after `begin` at which a block should end.
size_t CutAfter(const model::EntryBlock& entries, size_t begin,
                const BlockSealer::Options& options) {
  const std::vector<uint32_t>& offsets = entries.lines.offsets;
  const int64_t day = DayOf(entries.times[begin]);
  MetadataSize metadata(entries);
  const auto full = [&](size_t end, size_t factor) {
    const uint64_t bytes = offsets[end] - offsets[begin] + metadata.bytes();
    return bytes >= std::min(factor * options.block_bytes, kMaxColumnBytes / 2) ||
           end - begin >= factor * options.block_entries;
  };
  size_t end = begin + 1;
  for (; end < entries.size(); ++end) {
    metadata.Add(end - 1);
    const bool same_time = entries.times[end] == entries.times[end - 1];
    if (!same_time && (full(end, 1) || DayOf(entries.times[end]) != day)) break;
    if (same_time && full(end, kBurstFactor)) break;
  }
  return end;
}

uint64_t MetadataBytes(const model::MetadataColumn& column, size_t begin, size_t end) {
  if (column.name == kDetectedLevel) return 0;
  uint64_t bytes = 0;
  for (size_t row = begin; row < end; ++row) {
    if (column.Has(row)) bytes += column.name.size() + column.values.Length(column.codes[row] - 1);
  }
  return bytes;
}

bool HasValues(const model::MetadataColumn& column, size_t begin, size_t end) {
  return std::any_of(column.codes.begin() + begin, column.codes.begin() + end,
                     [](uint32_t code) { return code != 0; });
}

}  // namespace

size_t SealedBlock::MemoryBytes() const {
  size_t bytes = sizeof *this + filters.capacity() + data.capacity() + terms.MemoryBytes();
  for (const ColumnEntry& column : header.columns) bytes += sizeof column + column.name.capacity();
  return bytes + header.filters.capacity() * sizeof(FilterEntry);
}

size_t BlockSealer::MemoryBytes() const {
  return sizeof *this + packer_.MemoryBytes() + copied_.capacity() * sizeof copied_[0] +
         scratch_.capacity() + packed_.capacity() + data_.capacity() + seen_values_.capacity() / 8 +
         value_hashes_.capacity() * sizeof value_hashes_[0] + rows_.capacity() * sizeof rows_[0] +
         split_buffers_.MemoryBytes() + read_back_.text.capacity() +
         read_back_.offsets.capacity() * sizeof(uint32_t);
}

void BlockSealer::Seal(const model::EntryBlock& entries, std::vector<SealedBlock>& out) {
  split_pays_.reset();
  for (size_t begin = 0; begin < entries.size();) {
    const size_t end = CutAfter(entries, begin, options_);
    out.push_back(SealRows(entries, begin, end));
    FaultPoint("seal.block");
    begin = end;
  }
}

SealedBlock BlockSealer::SealRows(const model::EntryBlock& entries, size_t begin, size_t end) {
  const size_t count = end - begin;
  const std::span times = std::span(entries.times).subspan(begin, count);
  const std::span seqs = std::span(entries.seqs).subspan(begin, count);
  const std::span offsets = std::span(entries.lines.offsets).subspan(begin, count + 1);
  const std::string_view text =
      std::string_view(entries.lines.text).substr(offsets.front(), offsets.back() - offsets[0]);
  const auto [min_seq, max_seq] = std::ranges::minmax(seqs);

  SealedBlock block;
  data_.clear();
  value_hashes_.clear();
  block.header = {.entries = count,
                  .min_time = times.front(),
                  .max_time = times.back(),
                  .min_seq = min_seq,
                  .max_seq = max_seq,
                  .line_bytes = text.size() - count,
                  .metadata_volume = model::MetadataVolume(entries).Add(begin, end)};
  scratch_.clear();
  EncodeTimes(times, scratch_);
  AddColumn(block, ColumnKind::kTimes, {}, scratch_);
  scratch_.clear();
  EncodeSeqs(seqs, scratch_);
  AddColumn(block, ColumnKind::kSeqs, {}, scratch_);
  scratch_.clear();
  EncodeLengths(offsets, scratch_);
  AddColumn(block, ColumnKind::kLengths, {}, scratch_);
  for (const model::MetadataColumn& column : entries.metadata) {
    if (!HasValues(column, begin, end)) continue;
    block.header.metadata_bytes += MetadataBytes(column, begin, end);
    scratch_.clear();
    EncodeMetadata(column, begin, end, scratch_);
    AddColumn(block, ColumnKind::kMetadata, column.name, scratch_);
    AddValues(block, column, begin, end);
  }
  if (!AddSplitLines(block, entries, begin, end, text)) {
    AddColumn(block, ColumnKind::kLines, {}, text);
  }
  AddFilters(block, text);
  block.data = data_;
  block.header.data_bytes = block.data.size();
  block.header.filters_bytes = block.filters.size();
  return block;
}

bool BlockSealer::AddSplitLines(SealedBlock& block, const model::EntryBlock& entries, size_t begin,
                                size_t end, std::string_view text) {
  // The filter of lz4 blocks wants to know what of their lines is copied.
  if (!options_.split_lines || options_.codec == Codec::kLz4 || split_pays_ == false ||
      end - begin < kMinSplitRows || text.size() > kMaxSplitBytes) {
    return false;
  }
  rows_.clear();
  for (size_t row = begin; row < end; ++row) rows_.push_back(entries.lines[row]);
  const std::span times = std::span(entries.times).subspan(begin, end - begin);
  scratch_.clear();
  EncodeSplitLines(rows_, times, options_.level, scratch_);
  if (!split_pays_) {
    packed_.clear();
    Compress(options_.codec, text, packed_, options_.level);
    split_pays_ = scratch_.size() + text.size() / 100 < packed_.size();
    if (split_pays_ == false) return false;
  }
  // What these lines were made from will be removed: they are read back before that is risked.
  const Status read =
      DecodeSplitLines({scratch_, times, text.size()}, split_buffers_, read_back_).status();
  if (!read.ok() || read_back_.text != text) {
    LogError("lines that were split are not read back as they were; they are stored unsplit",
             {{"err", read}});
    return false;
  }
  block.header.columns.push_back({.kind = ColumnKind::kSplitLines,
                                  .codec = Codec::kNone,
                                  .crc32c = Crc32c(scratch_),
                                  .name = {},
                                  .offset = data_.size(),
                                  .stored_bytes = scratch_.size(),
                                  .raw_bytes = text.size()});
  data_.append(scratch_);
  return true;
}

void BlockSealer::AddColumn(SealedBlock& block, ColumnKind kind, std::string_view name,
                            std::string_view raw) {
  SKALD_DCHECK(raw.size() <= kMaxColumnBytes);
  const std::string_view packed = Pack(raw);
  const bool plain = options_.codec == Codec::kNone || packed.size() >= raw.size();
  const std::string_view stored = plain ? raw : packed;
  block.header.columns.push_back({.kind = kind,
                                  .codec = plain ? Codec::kNone : options_.codec,
                                  .crc32c = Crc32c(stored),
                                  .name = std::string(name),
                                  .offset = data_.size(),
                                  .stored_bytes = stored.size(),
                                  .raw_bytes = raw.size()});
  data_.append(stored);
}

std::string_view BlockSealer::Pack(std::string_view raw) {
  if (options_.codec == Codec::kLz4) return packer_.Pack(raw, copied_);
  packed_.clear();
  if (options_.codec != Codec::kNone) Compress(options_.codec, raw, packed_, options_.level);
  return packed_;
}

void BlockSealer::AddValues(const SealedBlock& block, const model::MetadataColumn& column,
                            size_t begin, size_t end) {
  const bool for_block =
      options_.filter_percent > 0 && IsInValueFilter(block.header.columns.back());
  if (!for_block && !CollectsTerms()) return;
  seen_values_.assign(column.values.size(), false);
  for (size_t row = begin; row < end; ++row) {
    if (!column.Has(row)) continue;
    const uint32_t value = column.codes[row] - 1;
    if (seen_values_[value]) continue;
    seen_values_[value] = true;
    if (for_block) value_hashes_.push_back(HashValue(column.name, column.values[value]));
    if (CollectsTerms()) filter_.AddTerms(column.values[value]);
  }
}

void BlockSealer::AddFilters(SealedBlock& block, std::string_view text) {
  if (options_.filter_percent == 0) return;
  const auto max_bytes =
      static_cast<size_t>(static_cast<double>(data_.size()) * options_.filter_percent / 100);
  // No more than half, as most searches are for what is in lines.
  const std::string values = EncodeValueFilter(value_hashes_, max_bytes / 2);
  const auto add = [&](FilterKind kind, std::string_view filter) {
    if (filter.empty()) return;
    block.header.filters.push_back({.kind = kind,
                                    .crc32c = Crc32c(filter),
                                    .offset = block.filters.size(),
                                    .bytes = filter.size()});
    block.filters.append(filter);
  };
  std::string lines = LineFilterOf(block, text, max_bytes - values.size());
  if (!lines.empty()) {
    for (const StoredFilter& filter : CutLineFilter(std::move(lines))) {
      add(filter.kind, filter.bytes);
    }
  }
  add(FilterKind::kMetadataValues, values);
}

std::string BlockSealer::LineFilterOf(SealedBlock& block, std::string_view text, size_t max_bytes) {
  if (text.size() < kMinFilteredBytes) {
    if (CollectsTerms()) {
      filter_.AddTerms(text);
      block.terms = filter_.TakeTerms();
    }
    return {};
  }
  if (options_.codec == Codec::kLz4) {
    filter_.AddUncopied(text, copied_);
  } else {
    filter_.Add(text);
  }
  block.terms = filter_.TakeTerms();
  return filter_.Finish(max_bytes);
}

}  // namespace skald::chunkstore
