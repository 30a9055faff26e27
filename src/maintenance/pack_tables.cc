#include "maintenance/pack_tables.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "chunkstore/format/block_filters.h"
#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/pack_names.h"
#include "maintenance/pack_walk.h"

namespace skald::maintenance {
namespace {

using chunkstore::BlockHeader;
using chunkstore::ChunkHeader;
using chunkstore::ColumnEntry;

struct Sum {
  uint64_t count = 0;
  uint64_t stored_bytes = 0;
  uint64_t raw_bytes = 0;
};

// What share of their grams filters of lines tell of: one that is too small for all of them leaves
// out those with the highest hashes.
struct GramsKept {
  uint64_t filters = 0;
  uint64_t word_hashes = 0;  // Sums of the filters' limits.
  uint64_t other_hashes = 0;

  void Add(const chunkstore::LineFilter& filter) {
    if (filter.empty()) return;
    ++filters;
    word_hashes += std::min(filter.word_limit(), chunkstore::LineFilter::kNoLimit);
    other_hashes += std::min(filter.other_limit(), chunkstore::LineFilter::kNoLimit);
  }
  void Add(const GramsKept& more) {
    filters += more.filters;
    word_hashes += more.word_hashes;
    other_hashes += more.other_hashes;
  }
  Table::Cell words() const { return ShareOf(word_hashes); }
  Table::Cell others() const { return ShareOf(other_hashes); }

 private:
  // To keep none is something else than to have no filter.
  Table::Cell ShareOf(uint64_t hashes) const {
    if (filters == 0) return std::monostate();
    return Ratio(hashes, filters * chunkstore::LineFilter::kNoLimit);
  }
};

std::string_view FormName(bool compacted) { return compacted ? "compacted" : "fresh"; }

// Fills the tables pack by pack.
class TableFiller {
 public:
  TableFiller(FileSystem& files, const std::string& folder, const std::set<std::string>& wanted,
              const OnFinding& on_finding)
      : walk_(files, folder), wanted_(wanted), on_finding_(on_finding) {}

  Status Run() {
    return walk_.ForEach([this](const PackWalk::Pack& pack) { AddPack(pack); }, on_finding_);
  }

  const PackTotals& totals() const { return totals_; }

  void Append(std::vector<Table>& tables) {
    for (Table* table : {&packs_, &chunks_, &blocks_, &filters_}) {
      if (wanted_.contains(table->name)) tables.push_back(std::move(*table));
    }
    if (wanted_.contains("filters")) tables.push_back(KeptTable());
    if (!wanted_.contains("columns")) return;
    Table table{.name = "columns",
                .columns = {"kind", "codec", "columns", "stored_bytes", "raw_bytes", "ratio"},
                .rows = {}};
    for (const auto& [kind, sum] : columns_) {
      table.rows.push_back({kind.first, kind.second, sum.count, sum.stored_bytes, sum.raw_bytes,
                            Ratio(sum.stored_bytes, sum.raw_bytes)});
    }
    tables.push_back(std::move(table));
  }

 private:
  Table KeptTable() const {
    Table table{.name = "filters_kept",
                .columns = {"form", "filters", "words_kept", "others_kept"},
                .rows = {}};
    for (const auto& [compacted, kept] : kept_) {
      table.rows.push_back(
          {std::string(FormName(compacted)), kept.filters, kept.words(), kept.others()});
    }
    return table;
  }

  void AddPack(const PackWalk::Pack& pack) {
    chunkstore::ChunkSummary sum;
    Filters filters;
    for (size_t i = 0; i < pack.chunks.size(); ++i) {
      if (const auto header = walk_.ReadHead(pack, i, on_finding_)) {
        for (const BlockHeader& block : header->blocks) sum.Add(block);
        AddChunk(pack, i, *header, filters);
      }
    }
    const bool compacted = chunkstore::CompactedDay(pack.object.key).has_value();
    ++totals_.packs;
    totals_.compacted += compacted ? 1 : 0;
    totals_.bytes += pack.object.bytes;
    totals_.chunks += pack.chunks.size();
    totals_.entries += sum.entries;
    totals_.line_bytes += sum.line_bytes;
    totals_.metadata_bytes += sum.metadata_bytes;
    const uint64_t pack_filter_bytes = pack.filter ? pack.filter->bytes : 0;
    totals_.filters_bytes += filters.bytes;
    totals_.pack_filters_bytes += pack_filter_bytes;
    const bool empty = sum.entries == 0;
    packs_.rows.push_back(
        {pack.object.key, std::string(FormName(compacted)), pack.object.bytes, pack.chunks.size(),
         sum.entries, sum.line_bytes, Ratio(pack.object.bytes, sum.line_bytes),
         empty ? "" : TimeText(sum.min_time), empty ? "" : TimeText(sum.max_time)});
    kept_[compacted].Add(filters.kept);
    filters_.rows.push_back({pack.object.key, filters.blocks, filters.filtered, filters.bytes,
                             Ratio(filters.bytes, filters.data_bytes),
                             Ratio(filters.bits_set, filters.bytes_read * 8), filters.kept.words(),
                             filters.kept.others(), pack_filter_bytes,
                             Ratio(filters.bytes + pack_filter_bytes, pack.object.bytes),
                             pack.filter ? pack.filter->filter.id_keys() : 0});
  }

  struct Filters {
    uint64_t blocks = 0;
    uint64_t filtered = 0;  // Blocks that have one.
    uint64_t bytes = 0;
    uint64_t data_bytes = 0;
    uint64_t bytes_read = 0;
    uint64_t bits_set = 0;
    GramsKept kept;
  };

  void AddChunk(const PackWalk::Pack& pack, size_t chunk, const ChunkHeader& header,
                Filters& filters) {
    const chunkstore::PackEntry& entry = pack.chunks[chunk];
    chunks_.rows.push_back({pack.object.key, chunk, entry.offset, entry.bytes, entry.tenant.value(),
                            entry.labels->ToString(), header.blocks.size(), entry.summary.entries,
                            entry.summary.line_bytes, Ratio(entry.bytes, entry.summary.line_bytes),
                            TimeText(entry.summary.min_time), TimeText(entry.summary.max_time)});
    for (size_t i = 0; i < header.blocks.size(); ++i) {
      const BlockHeader& block = header.blocks[i];
      ++totals_.blocks;
      ++filters.blocks;
      filters.filtered += block.filters.empty() ? 0 : 1;
      filters.bytes += block.filters_bytes;
      filters.data_bytes += block.data_bytes;
      for (const ColumnEntry& column : block.columns) AddColumn(column);
      if (wanted_.contains("blocks")) AddBlock(pack, chunk, i, block);
    }
    if (wanted_.contains("filters")) ReadFilters(pack, chunk, header, filters);
  }

  void AddColumn(const ColumnEntry& column) {
    Sum& sum =
        columns_[{std::string(ColumnKindName(column.kind)), std::string(CodecName(column.codec))}];
    ++sum.count;
    sum.stored_bytes += column.stored_bytes;
    sum.raw_bytes += column.raw_bytes;
  }

  void AddBlock(const PackWalk::Pack& pack, size_t chunk, size_t index, const BlockHeader& block) {
    const bool split = block.FindColumn(chunkstore::ColumnKind::kSplitLines) != nullptr;
    blocks_.rows.push_back({pack.object.key, chunk, index, block.entries, block.line_bytes,
                            block.metadata_bytes, block.data_bytes, block.filters_bytes,
                            Ratio(block.data_bytes, block.line_bytes), split ? "split" : "whole",
                            block.columns.size(), TimeText(block.min_time),
                            TimeText(block.max_time)});
  }

  void ReadFilters(const PackWalk::Pack& pack, size_t chunk, const chunkstore::ChunkHeader& header,
                   Filters& filters) {
    const auto tell = [&](const Status& status) {
      on_finding_(PackWalk::At(pack, chunk, std::string(status.message())));
    };
    std::string bytes;
    const Status read = walk_.Read(pack, chunk, header.filters_offset, header.filters_bytes, bytes);
    if (!read.ok()) return tell(read);
    for (size_t i = 0; i < header.blocks.size(); ++i) {
      const auto found =
          chunkstore::FindFilters(header.blocks[i], bytes, {.metadata_values = false});
      if (!found.ok()) {
        tell(Annotate(found.status(), chunkstore::BlockName(i)));
        continue;
      }
      filters.bytes_read += found->lines.bitmap_bytes();
      filters.bits_set += found->lines.bits_set();
      filters.kept.Add(found->lines);
    }
  }

  PackWalk walk_;
  const std::set<std::string>& wanted_;
  const OnFinding& on_finding_;
  PackTotals totals_;
  std::map<std::pair<std::string, std::string>, Sum> columns_;  // By kind and codec.
  std::map<bool, GramsKept> kept_;                              // By whether it is compacted.
  Table packs_{.name = "packs",
               .columns = {"pack", "form", "bytes", "chunks", "entries", "line_bytes", "ratio",
                           "first", "last"},
               .rows = {}};
  Table chunks_{.name = "chunks",
                .columns = {"pack", "chunk", "offset", "bytes", "tenant", "stream", "blocks",
                            "entries", "line_bytes", "ratio", "first", "last"},
                .rows = {}};
  Table blocks_{
      .name = "blocks",
      .columns = {"pack", "chunk", "block", "entries", "line_bytes", "metadata_bytes", "data_bytes",
                  "filters_bytes", "ratio", "lines", "columns", "first", "last"},
      .rows = {}};
  Table filters_{
      .name = "filters",
      .columns = {"pack", "blocks", "filtered", "bytes", "share_of_data", "bits_set", "words_kept",
                  "others_kept", "pack_filter_bytes", "share_of_pack", "pack_ids"},
      .rows = {}};
};

}  // namespace

Result<PackTables> ReadPackTables(FileSystem& files, const std::string& folder,
                                  const std::set<std::string>& wanted,
                                  const OnFinding& on_finding) {
  TableFiller filler(files, folder, wanted, on_finding);
  SKALD_RETURN_IF_ERROR(filler.Run());
  PackTables out{.totals = filler.totals(), .tables = {}};
  filler.Append(out.tables);
  return out;
}

}  // namespace skald::maintenance
