#include "maintenance/chunk_check.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/format/literal_probe.h"
#include "chunkstore/format/value_filter.h"
#include "model/metadata_volume.h"

namespace skald::maintenance {
namespace {

using chunkstore::BlockHeader;
using chunkstore::ChunkReader;
using chunkstore::LiteralProbe;
using chunkstore::PackProbe;

// Separates words as far as this check goes: bytes of ASCII that are neither letter nor digit.
bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<uint8_t>(c) >= 0x80;
}

std::vector<std::string_view> WordsOf(std::string_view line) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < line.size();) {
    size_t end = at;
    while (end < line.size() && IsWordByte(line[end])) ++end;
    if (end > at) words.push_back(line.substr(at, end - at));
    at = std::max(end, at + 1);
  }
  return words;
}

// What a block's header says against what is in it.
std::string_view Difference(const BlockHeader& header, const model::EntryBlock& block) {
  if (!std::ranges::is_sorted(block.times)) return "times are not in order";
  const auto [min_seq, max_seq] = std::ranges::minmax(block.seqs);
  if (min_seq != header.min_seq) return "min_seq differs from the header";
  if (max_seq != header.max_seq) return "max_seq differs from the header";
  if (block.lines.text.size() - block.size() != header.line_bytes) {
    return "line_bytes differs from the header";
  }
  uint64_t metadata_bytes = 0;
  for (size_t row = 0; row < block.size(); ++row) metadata_bytes += block.RowMetadataBytes(row);
  if (metadata_bytes != header.metadata_bytes) return "metadata_bytes differs from the header";
  const uint64_t volume = model::MetadataVolume(block).Add(0, block.size());
  if (volume != header.metadata_volume &&
      header.metadata_volume != chunkstore::EstimateMetadataVolume(header.entries)) {
    return "metadata_volume differs from the header";
  }
  return {};
}

}  // namespace

void ChunkCheck::Check(std::string_view bytes, const chunkstore::PackEntry& entry,
                       const chunkstore::WholePackFilter* pack_filter, const OnFault& on_fault) {
  const Result<ChunkReader> reader = ChunkReader::Make(bytes);
  if (!reader.ok()) return on_fault(std::string(reader.status().message()));
  chunkstore::ChunkSummary sum;
  for (size_t i = 0; i < reader->blocks().size(); ++i) {
    const BlockHeader& header = reader->blocks()[i];
    sum.Add(header);
    ++totals_.blocks;
    if (i > 0 && header.min_time <= reader->blocks()[i - 1].max_time) {
      on_fault(chunkstore::BlockName(i) + ": is not later than the one before it");
    }
    const auto of_lines = reader->ReadFilters(i, {.metadata_values = false});
    if (!of_lines.ok()) on_fault(std::string(of_lines.status().message()));
    const auto of_values = reader->ReadFilters(i, {.lines = 0});
    if (!of_values.ok()) on_fault(std::string(of_values.status().message()));
    const auto block = reader->ReadBlock(i, {});
    if (!block.ok()) {
      on_fault(std::string(block.status().message()));
      continue;
    }
    totals_.entries += block->size();
    const auto in_block = [&](std::string what) {
      on_fault(chunkstore::BlockName(i) + ": " + std::move(what));
    };
    if (const auto difference = Difference(header, *block); !difference.empty()) {
      in_block(std::string(difference));
    }
    CheckFilters({.of_block = of_lines.ok() ? of_lines->lines : chunkstore::LineFilter(),
                  .of_pack = pack_filter},
                 *entry.labels, *block, in_block);
    if (of_values.ok()) CheckValues(header, of_values->metadata_values, *block, in_block);
    if (pack_filter != nullptr) CheckPackMetadata(*pack_filter, *entry.labels, *block, in_block);
  }
  if (sum != entry.summary)
    on_fault("blocks and the pack's directory differ in times, seqs or counts");
}

void ChunkCheck::CheckValues(const BlockHeader& header, std::string_view filter,
                             const model::EntryBlock& block, const OnFault& on_fault) {
  for (const model::MetadataColumn& column : block.metadata) {
    const auto* stored = header.FindColumn(chunkstore::ColumnKind::kMetadata, column.name);
    if (stored == nullptr || !chunkstore::IsInValueFilter(*stored)) continue;
    for (size_t i = 0; i < column.values.size(); ++i) {
      if (chunkstore::MayHaveValue(filter, chunkstore::HashValue(column.name, column.values[i]))) {
        continue;
      }
      return on_fault("the filter of metadata denies " + column.name + "=\"" +
                      std::string(column.values[i]) + "\"");
    }
  }
}

size_t ChunkCheck::StepOver(size_t count) const {
  return options_.sample_lines == 0 ? 1 : std::max<size_t>(count / options_.sample_lines, 1);
}

void ChunkCheck::CheckPackMetadata(const chunkstore::WholePackFilter& filter,
                                   const model::Labels& stream, const model::EntryBlock& block,
                                   const OnFault& on_fault) {
  for (const model::MetadataColumn& column : block.metadata) {
    if (!filter.filter.MayHaveMetadata(column.name)) {
      return on_fault("the pack's filter denies metadata " + column.name);
    }
    const size_t step = StepOver(column.values.size());
    for (size_t i = 0; i < column.values.size(); i += step) {
      ++totals_.words;
      const std::string value(column.values[i]);
      // As a search for that value asks.
      const PackProbe probe({{.any_of = {value}}}, PackProbe::Edges::kClosed);
      if (filter.MayMatch(probe, stream)) continue;
      return on_fault("the pack's filter denies " + column.name + "=\"" + value + "\"");
    }
  }
}

void ChunkCheck::CheckFilters(const Filters& filters, const model::Labels& stream,
                              const model::EntryBlock& block, const OnFault& on_fault) {
  if (filters.of_block.empty() && filters.of_pack == nullptr) return;
  const size_t step = StepOver(block.size());
  for (size_t row = 0; row < block.size(); row += step) {
    std::vector<std::string_view> words = WordsOf(block.lines[row]);
    words.push_back(block.lines[row]);
    for (const std::string_view word : words) {
      ++totals_.words;
      const std::vector<model::RequiredLiteral> literals = {{.any_of = {std::string(word)}}};
      const bool block_denies = !LiteralProbe(literals).MayMatch(filters.of_block);
      if (!block_denies &&
          (filters.of_pack == nullptr || filters.of_pack->MayMatch(PackProbe(literals), stream))) {
        continue;
      }
      return on_fault((block_denies ? "the filter denies \"" : "the pack's filter denies \"") +
                      std::string(word) + "\", which line " + std::to_string(row) + " holds");
    }
  }
}

}  // namespace skald::maintenance
