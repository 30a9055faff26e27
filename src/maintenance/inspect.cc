#include "maintenance/inspect.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <utility>

#include "chunkstore/index/index_audit.h"
#include "common/disk_use.h"
#include "maintenance/pack_tables.h"
#include "maintenance/wal_walk.h"

namespace skald::maintenance {
namespace {

using chunkstore::IndexAudit;

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

struct IndexBytes {
  uint64_t keys_and_values = 0;  // Before RocksDB compresses them.
  uint64_t on_disk = 0;
};

Table KindsTable(const std::vector<IndexAudit::KindSize>& sizes) {
  Table table{
      .name = "index_kinds", .columns = {"kind", "keys", "key_bytes", "value_bytes"}, .rows = {}};
  for (const IndexAudit::KindSize& size : sizes) {
    table.rows.push_back({std::string(size.name), size.keys, size.key_bytes, size.value_bytes});
  }
  return table;
}

// What it takes, with what RocksDB has taken ahead for its log, per byte of keys and values.
Table IndexDiskTable(const IndexBytes& bytes) {
  return {.name = "index_disk",
          .columns = {"key_and_value_bytes", "disk_bytes", "ratio"},
          .rows = {
              {bytes.keys_and_values, bytes.on_disk, Ratio(bytes.on_disk, bytes.keys_and_values)}}};
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

Table SummaryTable(const PackTotals& packs, const IndexBytes& index,
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
                   {"index_key_and_value_bytes", index.keys_and_values},
                   {"index_disk_bytes", index.on_disk},
                   {"index_disk_bytes_per_thousand_key_and_value_bytes",
                    index.keys_and_values == 0 ? 0 : index.on_disk * 1000 / index.keys_and_values},
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
  SKALD_RETURN_IF_ERROR(CheckThereIsData(files, folders));
  Inspection out;
  const OnFinding on_finding = [&out](Finding finding) {
    out.findings.push_back(std::move(finding));
  };
  const IndexAudit::OnFault on_fault = [&](const std::string& what) {
    on_finding({.file = folders.index, .what = what});
  };
  PackTables packs;
  if (AnyOf(wanted, {"summary", "packs", "chunks", "blocks", "columns", "filters"})) {
    SKALD_ASSIGN_OR_RETURN(packs, ReadPackTables(files, folders.chunks, wanted, on_finding));
  }
  IndexBytes index_bytes;
  std::vector<Table> index_tables;
  if (AnyOf(wanted, {"summary", "index"})) {
    SKALD_RETURN_IF_ERROR(WithIndex(folders.index, on_finding, [&](const IndexAudit& index) {
      SKALD_ASSIGN_OR_RETURN(const auto sizes, index.Sizes());
      for (const IndexAudit::KindSize& size : sizes) {
        index_bytes.keys_and_values += size.key_bytes + size.value_bytes;
      }
      SKALD_ASSIGN_OR_RETURN(index_bytes.on_disk, AllocatedBytes(folders.index));
      return wanted.contains("index") ? AddIndex(index, on_fault, index_tables) : Status();
    }));
    if (!index_tables.empty()) index_tables.push_back(IndexDiskTable(index_bytes));
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
    out.tables.push_back(SummaryTable(packs.totals, index_bytes, wal));
  }
  std::ranges::move(packs.tables, std::back_inserter(out.tables));
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
