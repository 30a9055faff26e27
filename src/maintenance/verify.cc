#include "maintenance/verify.h"

#include <algorithm>
#include <utility>

#include "maintenance/chunk_check.h"
#include "maintenance/index_check.h"
#include "maintenance/pack_walk.h"
#include "maintenance/wal_walk.h"

namespace skald::maintenance {
namespace {

void CheckChunks(PackWalk& walk, const PackWalk::Pack& pack, ChunkCheck& check,
                 const OnFinding& on_finding) {
  std::string bytes;
  for (size_t i = 0; i < pack.chunks.size(); ++i) {
    const chunkstore::PackEntry& entry = pack.chunks[i];
    const Status read = walk.Read(pack, i, 0, entry.bytes, bytes);
    if (read.code() == StatusCode::kNotFound) return;  // Compacted away meanwhile.
    if (!read.ok()) {
      on_finding(PackWalk::At(pack, i, std::string(read.message())));
      continue;
    }
    if (entry.fingerprint != entry.labels->Hash()) {
      on_finding(PackWalk::At(pack, i, "the directory's fingerprint is not that of the labels"));
    }
    check.Check(bytes, entry, pack.filter ? &*pack.filter : nullptr,
                [&](std::string what) { on_finding(PackWalk::At(pack, i, std::move(what))); });
  }
}

}  // namespace

Result<Verification> Verify(FileSystem& files, const DataFolders& folders,
                            const VerifyOptions& options) {
  SKALD_RETURN_IF_ERROR(CheckThereIsData(files, folders));
  Verification out;
  const OnFinding on_finding = [&out](Finding finding) {
    out.findings.push_back(std::move(finding));
  };
  // The index comes first: what a running server stores meanwhile is in packs that the index as it
  // was read does not name, never the other way round.
  IndexCheck index(folders.index, on_finding);
  SKALD_RETURN_IF_ERROR(index.Load());
  ChunkCheck chunks(
      {.sample_lines = options.deep ? size_t{0} : ChunkCheck::Options().sample_lines});
  PackWalk walk(files, folders.chunks);
  const auto check_pack = [&](const PackWalk::Pack& pack) {
    ++out.packs;
    out.chunks += pack.chunks.size();
    CheckChunks(walk, pack, chunks, on_finding);
    index.CheckPack(pack);
  };
  const OnFinding on_unreadable = [&](Finding finding) {
    index.SawUnreadable(finding.file);
    on_finding(std::move(finding));
  };
  SKALD_RETURN_IF_ERROR(walk.ForEach(check_pack, on_unreadable));
  SKALD_RETURN_IF_ERROR(index.Finish(folders.chunks));
  const auto segments = WalkWal(files, folders.wal, on_finding);
  if (!segments.ok() && segments.status().code() != StatusCode::kNotFound) {
    return segments.status();
  }
  if (segments.ok()) {
    out.wal_segments = segments->size();
    for (const WalSegmentSummary& segment : *segments) out.wal_entries += segment.entries;
  }
  out.blocks = chunks.totals().blocks;
  out.entries = chunks.totals().entries;
  out.filtered_words = chunks.totals().words;
  out.indexed_chunks = index.totals().chunks;
  return out;
}

bool Verification::sound() const {
  return std::ranges::none_of(findings, [](const Finding& finding) {
    return finding.severity == Finding::Severity::kFault;
  });
}

std::string Verification::ToText() const {
  std::string out;
  size_t faults = 0;
  for (const Finding& finding : findings) {
    out.append(finding.ToLine()).append("\n");
    faults += finding.severity == Finding::Severity::kFault ? 1 : 0;
  }
  const auto count = [&](uint64_t number, const char* what) {
    out.append(std::to_string(number)).append(what);
  };
  count(packs, " packs, ");
  count(chunks, " chunks (");
  count(indexed_chunks, " in the index), ");
  count(blocks, " blocks, ");
  count(entries, " entries, ");
  count(filtered_words, " words asked of filters; log: ");
  count(wal_segments, " segments, ");
  count(wal_entries, " entries: ");
  count(faults, " faults\n");
  return out;
}

std::string Verification::ToJson() const {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Key("sound");
  json.Bool(sound());
  const auto count = [&](const char* key, uint64_t number) {
    json.Key(key);
    json.Uint(number);
  };
  count("packs", packs);
  count("chunks", chunks);
  count("indexed_chunks", indexed_chunks);
  count("blocks", blocks);
  count("entries", entries);
  count("filtered_words", filtered_words);
  count("wal_segments", wal_segments);
  count("wal_entries", wal_entries);
  AppendFindings(findings, json);
  json.EndObject();
  out.push_back('\n');
  return out;
}

}  // namespace skald::maintenance
