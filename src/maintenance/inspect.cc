#include "maintenance/inspect.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <utility>

#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/index/index_audit.h"
#include "chunkstore/pack_names.h"
#include "maintenance/pack_walk.h"
#include "maintenance/wal_walk.h"

namespace skald::maintenance {
namespace {

using chunkstore::BlockHeader;
using chunkstore::ChunkHeader;
using chunkstore::ColumnEntry;
using chunkstore::IndexAudit;

struct Sum {
  uint64_t count = 0;
  uint64_t stored_bytes = 0;
  uint64_t raw_bytes = 0;
};

// Sums of what packs hold.
struct PackTotals {
  uint64_t packs = 0;
  uint64_t compacted = 0;
  uint64_t bytes = 0;
  uint64_t chunks = 0;
  uint64_t blocks = 0;
  uint64_t entries = 0;
  uint64_t line_bytes = 0;
  uint64_t metadata_bytes = 0;
  uint64_t filters_bytes = 0;  // Of blocks.
  uint64_t pack_filters_bytes = 0;
};

uint64_t BitsSet(std::string_view bytes) {
  uint64_t bits = 0;
  for (const char byte : bytes) bits += std::popcount(static_cast<uint8_t>(byte));
  return bits;
}

// Goes through packs and fills the tables that are about them.
class PackTables {
 public:
  PackTables(FileSystem& files, const std::string& folder, const std::set<std::string>& wanted,
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
        {pack.object.key, compacted ? "compacted" : "fresh", pack.object.bytes, pack.chunks.size(),
         sum.entries, sum.line_bytes, Ratio(pack.object.bytes, sum.line_bytes),
         empty ? "" : TimeText(sum.min_time), empty ? "" : TimeText(sum.max_time)});
    filters_.rows.push_back({pack.object.key, filters.blocks, filters.filtered, filters.bytes,
                             Ratio(filters.bytes, filters.data_bytes),
                             Ratio(filters.bits_set, filters.bytes_read * 8), pack_filter_bytes,
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
      if (wanted_.contains("filters")) ReadFilters(pack, chunk, i, block, filters);
    }
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

  void ReadFilters(const PackWalk::Pack& pack, size_t chunk, size_t index, const BlockHeader& block,
                   Filters& filters) {
    std::string bytes;
    Status status = walk_.Read(pack, chunk, block.filters_offset, block.filters_bytes, bytes);
    if (status.ok()) {
      const auto filter = chunkstore::FindLineFilter(block, bytes);
      if (filter.ok()) {
        filters.bytes_read += filter->bits.size();
        filters.bits_set += BitsSet(filter->bits);
        return;
      }
      status = filter.status();
    }
    on_finding_(PackWalk::At(pack, chunk,
                             chunkstore::BlockName(index) + ": " + std::string(status.message())));
  }

  PackWalk walk_;
  const std::set<std::string>& wanted_;
  const OnFinding& on_finding_;
  PackTotals totals_;
  std::map<std::pair<std::string, std::string>, Sum> columns_;  // By kind and codec.
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
  Table filters_{.name = "filters",
                 .columns = {"pack", "blocks", "filtered", "bytes", "share_of_data", "bits_set",
                             "pack_filter_bytes", "share_of_pack", "pack_ids"},
                 .rows = {}};
};

// Calls `read` with the index, if there is one; one that is damaged is a finding.
Status WithIndex(const std::string& folder, const OnFinding& on_finding,
                 const std::function<Status(const IndexAudit&)>& read) {
  const auto index = IndexAudit::Open(folder);
  Status status = index.ok() ? read(**index) : index.status();
  if (status.ok() || status.code() == StatusCode::kUnavailable) return status;
  on_finding({.severity = status.code() == StatusCode::kNotFound ? Finding::Severity::kNote
                                                                 : Finding::Severity::kFault,
              .file = folder,
              .what = std::string(status.message())});
  return {};
}

Table KindsTable(const std::vector<IndexAudit::KindSize>& sizes) {
  Table table{
      .name = "index_kinds", .columns = {"kind", "keys", "key_bytes", "value_bytes"}, .rows = {}};
  for (const IndexAudit::KindSize& size : sizes) {
    table.rows.push_back({std::string(size.name), size.keys, size.key_bytes, size.value_bytes});
  }
  return table;
}

Status AddIndex(const IndexAudit& index, const IndexAudit::OnFault& on_fault,
                std::vector<Table>& tables) {
  SKALD_ASSIGN_OR_RETURN(const auto sizes, index.Sizes());
  tables.push_back(KindsTable(sizes));
  Table table{.name = "index_days",
              .columns = {"tenant", "day", "series", "chunks", "entries", "line_bytes"},
              .rows = {}};
  SKALD_ASSIGN_OR_RETURN(const auto days, index.Days(on_fault));
  for (const IndexAudit::Day& day : days) {
    uint64_t chunks = 0;
    uint64_t entries = 0;
    uint64_t line_bytes = 0;
    const auto add = [&](const IndexAudit::Chunk& chunk) {
      ++chunks;
      entries += chunk.ref.summary.entries;
      line_bytes += chunk.ref.summary.line_bytes;
    };
    SKALD_RETURN_IF_ERROR(index.ForEachChunk(day, add, on_fault));
    table.rows.push_back({day.tenant.value(),
                          TimeText(day.period * chunkstore::kDayNs).substr(0, 10),
                          uint64_t{day.next_id}, chunks, entries, line_bytes});
  }
  tables.push_back(std::move(table));
  return {};
}

Table WalTable(const std::vector<WalSegmentSummary>& segments) {
  Table table{.name = "wal",
              .columns = {"segment", "bytes", "frames", "payload_bytes", "streams", "entries",
                          "line_bytes", "damaged_bytes"},
              .rows = {}};
  for (const WalSegmentSummary& segment : segments) {
    table.rows.push_back({segment.segment, segment.bytes, segment.frames, segment.payload_bytes,
                          segment.streams, segment.entries, segment.line_bytes,
                          segment.damaged_bytes});
  }
  return table;
}

Table SummaryTable(const PackTotals& packs, uint64_t index_bytes,
                   const std::vector<WalSegmentSummary>& wal) {
  uint64_t wal_bytes = 0;
  uint64_t wal_entries = 0;
  for (const WalSegmentSummary& segment : wal) {
    wal_bytes += segment.bytes;
    wal_entries += segment.entries;
  }
  return {.name = "summary",
          .columns = {"what", "value"},
          .rows = {{"packs", packs.packs},
                   {"packs_compacted", packs.compacted},
                   {"pack_bytes", packs.bytes},
                   {"chunks", packs.chunks},
                   {"blocks", packs.blocks},
                   {"entries", packs.entries},
                   {"line_bytes", packs.line_bytes},
                   {"metadata_bytes", packs.metadata_bytes},
                   {"filters_bytes", packs.filters_bytes},
                   {"pack_filters_bytes", packs.pack_filters_bytes},
                   {"pack_bytes_per_thousand_line_bytes",
                    packs.line_bytes == 0 ? 0 : packs.bytes * 1000 / packs.line_bytes},
                   {"index_key_and_value_bytes", index_bytes},
                   {"wal_segments", uint64_t{wal.size()}},
                   {"wal_bytes", wal_bytes},
                   {"wal_entries", wal_entries}}};
}

bool AnyOf(const std::set<std::string>& wanted, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return wanted.contains(name); });
}

}  // namespace

Result<Inspection> Inspect(FileSystem& files, const DataFolders& folders,
                           const std::set<std::string>& wanted) {
  Inspection out;
  const OnFinding on_finding = [&out](Finding finding) {
    out.findings.push_back(std::move(finding));
  };
  const IndexAudit::OnFault on_fault = [&](const std::string& what) {
    on_finding({.file = folders.index, .what = what});
  };
  PackTables packs(files, folders.chunks, wanted, on_finding);
  if (AnyOf(wanted, {"summary", "packs", "chunks", "blocks", "columns", "filters"})) {
    SKALD_RETURN_IF_ERROR(packs.Run());
  }
  uint64_t index_bytes = 0;
  std::vector<Table> index_tables;
  if (AnyOf(wanted, {"summary", "index"})) {
    SKALD_RETURN_IF_ERROR(WithIndex(folders.index, on_finding, [&](const IndexAudit& index) {
      SKALD_ASSIGN_OR_RETURN(const auto sizes, index.Sizes());
      for (const IndexAudit::KindSize& size : sizes) {
        index_bytes += size.key_bytes + size.value_bytes;
      }
      return wanted.contains("index") ? AddIndex(index, on_fault, index_tables) : Status();
    }));
  }
  std::vector<WalSegmentSummary> wal;
  if (AnyOf(wanted, {"summary", "wal"})) {
    auto segments = WalkWal(files, folders.wal, on_finding);
    if (segments.ok()) {
      wal = *std::move(segments);
    } else if (segments.status().code() != StatusCode::kNotFound) {
      return segments.status();
    }
  }
  if (wanted.contains("summary")) {
    out.tables.push_back(SummaryTable(packs.totals(), index_bytes, wal));
  }
  packs.Append(out.tables);
  std::ranges::move(index_tables, std::back_inserter(out.tables));
  if (wanted.contains("wal")) out.tables.push_back(WalTable(wal));
  return out;
}

std::string Inspection::ToText() const {
  std::string out;
  for (const Table& table : tables) {
    if (!out.empty()) out.push_back('\n');
    table.AppendText(out);
  }
  if (!findings.empty()) out.push_back('\n');
  for (const Finding& finding : findings) out.append(finding.ToLine()).append("\n");
  return out;
}

std::string Inspection::ToJson() const {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  for (const Table& table : tables) {
    json.Key(table.name);
    table.AppendJson(json);
  }
  AppendFindings(findings, json);
  json.EndObject();
  out.push_back('\n');
  return out;
}

}  // namespace skald::maintenance
