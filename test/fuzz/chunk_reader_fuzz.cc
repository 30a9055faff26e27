// Chunks as a reader meets them, damaged or hostile. Crcs stop nearly all damage, so the input is
// tried in three ways: as a whole chunk, as a block table with sound crcs in front of it, and as
// the bytes of each kind of column.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/format/column_codec.h"
#include "chunkstore/format/literal_probe.h"
#include "chunkstore/format/value_filter.h"
#include "common/bytes.h"
#include "common/hash.h"

namespace skald::chunkstore {
namespace {

void ReadAll(std::string_view bytes) {
  const auto reader = ChunkReader::Make(bytes);
  if (!reader.ok()) return;
  const LiteralProbe probe({{.any_of = {"some literal", "123456"}, .fold_case = true}});
  for (size_t i = 0; i < reader->blocks().size(); ++i) {
    for (const LineFilterParts lines :
         {LineFilterParts{0}, LineFilterParts{2}, kAllLineFilterParts}) {
      const auto filters = reader->ReadFilters(i, {.lines = lines});
      if (!filters.ok()) continue;
      (void)probe.MayMatch(filters->lines);
      (void)MayHaveValue(filters->metadata_values, HashValue("trace_id", bytes));
    }
    const auto copy = reader->CopyBlock(i);
    if (copy.ok() && copy->filters.size() != copy->header.filters_bytes) __builtin_trap();
    const auto block = reader->ReadBlock(i, {});
    if (block.ok() && block->lines.size() != block->size()) __builtin_trap();
  }
}

// `bytes` as a stored filter, whose crc would not fit: its parts together deny what it denies.
void AskFilter(std::string_view bytes) {
  const LiteralProbe probe({{.any_of = {"some literal", "123456"}}});
  for (const FilterKind kind :
       {LineGramsPart(0), LineGramsPart(3), FilterKind::kLineGrams, FilterKind::kAllLineGrams}) {
    (void)probe.MayMatch(LineFilter::Decode(kind, bytes));
  }
  if (bytes.size() < LineFilter::kLimitsBytes) return;
  LineFilter joined;
  const std::vector<StoredFilter> parts = CutLineFilter(std::string(bytes));
  for (const StoredFilter& part : parts) joined.Add(LineFilter::Decode(part.kind, part.bytes));
  const LineFilter whole = LineFilter::Decode(FilterKind::kLineGrams, bytes);
  if (probe.MayMatch(whole) != probe.MayMatch(joined)) __builtin_trap();
}

// `bytes` as the table of a chunk of that version whose data follows it.
std::string WithSoundHead(uint32_t version, std::string_view bytes) {
  const size_t table_bytes = bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]);
  if (!bytes.empty()) bytes.remove_prefix(1);
  const std::string_view table = bytes.substr(0, std::min(table_bytes, bytes.size()));
  std::string chunk;
  PutFixed32(chunk, kChunkMagic);
  PutFixed32(chunk, version);
  PutFixed32(chunk, static_cast<uint32_t>(table.size()));
  PutFixed32(chunk, Crc32c(table));
  PutFixed64(chunk, kChunkPrologueBytes + bytes.size());
  PutFixed32(chunk, Crc32c(chunk));
  return chunk.append(bytes);
}

void DecodeColumns(std::string_view bytes) {
  if (bytes.empty()) return;
  const size_t count = 1 + static_cast<uint8_t>(bytes[0]);
  bytes.remove_prefix(1);
  std::vector<int64_t> times;
  const Status times_status = DecodeTimes(bytes, count, times);
  if (times_status.ok() && !std::is_sorted(times.begin(), times.end())) __builtin_trap();
  std::vector<uint64_t> seqs;
  (void)DecodeSeqs(bytes, count, seqs);
  std::vector<uint32_t> offsets;
  (void)DecodeLengths(bytes, count, offsets);
  (void)DecodeVarintLengths(bytes, count, offsets);
  model::MetadataColumn column;
  if (!DecodeMetadata(bytes, count, column).ok()) return;
  size_t read = 0;
  for (size_t row = 0; row < count; ++row) read += column.Has(row) ? column[row].size() : 0;
  if (read > count * bytes.size()) __builtin_trap();
}

}  // namespace
}  // namespace skald::chunkstore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  skald::chunkstore::ReadAll(bytes);
  for (uint32_t version = 1; version <= skald::chunkstore::kChunkVersion; ++version) {
    skald::chunkstore::ReadAll(skald::chunkstore::WithSoundHead(version, bytes));
  }
  skald::chunkstore::AskFilter(bytes);
  skald::chunkstore::DecodeColumns(bytes);
  return 0;
}
