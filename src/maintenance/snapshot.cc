#include "maintenance/snapshot.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "chunkstore/index/index_audit.h"
#include "common/json_writer.h"
#include "common/logging.h"
#include "ingester/wal_frame.h"
#include "maintenance/snapshot_manifest.h"
#include "maintenance/table.h"

// Delete requests come first, then rules, the log, the index, and packs:
//
//   - A request is processed when the store is rid of what it means: a later list of requests might
//     not hide any more what an earlier index still names.
//   - An entry that was acknowledged is in the log, or its segment has been removed since, as it is
//     stored: then the index, which comes later, names it.
//   - An entry that is in both is skipped by the replay, by the index's watermark.
//   - Rules and what they have come to are of some moment before: their next evaluation looks at
//     what is stored anyway.
//   - A lease, taken before the index, keeps the packs that it names until they are linked.

namespace skald::maintenance {
namespace {

// As the names of folders under common.path_prefix, so that a server may be started on a snapshot.
constexpr const char* kChunks = "chunks";
constexpr const char* kIndex = "index";
constexpr const char* kLog = "wal";
constexpr const char* kRequests = "compactor";
constexpr const char* kRequestsFile = "delete_requests";
constexpr const char* kRules = "rules";
constexpr const char* kRuleObjects = "rule-objects";
constexpr const char* kRuleSamples = "ruler-wal";
constexpr const char* kRuleState = "ruler-state";
constexpr const char* kOldRuleState = "ruler-state.json";
constexpr std::string_view kPartialSuffix = ".partial";
constexpr size_t kMaxNameBytes = 128;

Status CheckName(std::string_view name) {
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  if (plain && name[0] != '.' && name.size() <= kMaxNameBytes && !name.ends_with(kPartialSuffix)) {
    return {};
  }
  return InvalidArgument(
      "name: a snapshot's name is made of letters, digits, '-', '_' and '.', at "
      "most 128 of them, and does not begin with a point or end in .partial");
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status CopyIfThere(FileSystem& files, const std::string& from, const std::string& to,
                   FileCounts& counts) {
  const Status copied = CopyFile(files, from, to);
  if (copied.code() == StatusCode::kNotFound) return {};
  if (copied.ok()) ++counts.copied;
  return copied;
}

Status AlreadyExists(const std::string& path) {
  return Status(StatusCode::kAlreadyExists, path + " exists already");
}

}  // namespace

std::string SnapshotSummary::ToJson() const {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Key("path");
  json.String(path);
  const auto count = [&](const char* key, uint64_t number) {
    json.Key(key);
    json.Uint(number);
  };
  count("packs", packs);
  count("wal_segments", wal_segments);
  count("linked_files", files.linked);
  count("copied_files", files.copied);
  json.Key("missing_packs");
  json.BeginArray();
  for (const std::string& pack : missing_packs) json.String(pack);
  json.EndArray();
  json.EndObject();
  return out;
}

Result<SnapshotSummary> Snapshotter::Take(std::string name) {
  if (name.empty()) {
    name = TimeText(parts_.clock.NowNs());
    std::ranges::replace(name, ':', '-');
  }
  SKALD_RETURN_IF_ERROR(CheckName(name));
  {
    MutexLock lock(mutex_);
    if (std::exchange(busy_, true)) return Unavailable("another snapshot is being made");
  }
  SnapshotSummary summary{.path = JoinPath(options_.folder, name)};
  const std::string partial = summary.path + std::string(kPartialSuffix);
  Status status = RemoveLeftovers();
  if (status.ok()) {
    status = Fill(partial, summary);
    if (!status.ok()) (void)RemoveTree(parts_.files, partial);
  }
  {
    MutexLock lock(mutex_);
    busy_ = false;
  }
  if (!status.ok()) return status;
  return summary;
}

// Of snapshots that a crash has interrupted.
Status Snapshotter::RemoveLeftovers() {
  SKALD_RETURN_IF_ERROR(parts_.files.MakeDirs(options_.folder));
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> names, parts_.files.List(options_.folder));
  for (const std::string& name : names) {
    if (!name.ends_with(kPartialSuffix)) continue;
    SKALD_RETURN_IF_ERROR(RemoveTree(parts_.files, JoinPath(options_.folder, name)));
  }
  return {};
}

Status Snapshotter::Fill(const std::string& folder, SnapshotSummary& summary) {
  SKALD_ASSIGN_OR_RETURN(const bool exists, parts_.files.Exists(summary.path));
  if (exists) return AlreadyExists(summary.path);
  for (const char* part : {kChunks, kLog}) {
    SKALD_RETURN_IF_ERROR(parts_.files.MakeDirs(JoinPath(folder, part)));
  }
  SKALD_RETURN_IF_ERROR(AddRequests(JoinPath(folder, kRequests), summary));
  SKALD_RETURN_IF_ERROR(AddRules(folder, summary));
  SKALD_RETURN_IF_ERROR(AddLog(JoinPath(folder, kLog), summary));
  const chunkstore::PackLeases::Lease lease = parts_.store.leases.Take();
  SKALD_RETURN_IF_ERROR(parts_.store.index.Checkpoint(JoinPath(folder, kIndex)));
  SKALD_RETURN_IF_ERROR(AddPacks(folder, summary));
  SKALD_RETURN_IF_ERROR(WriteManifest(folder, summary));
  SKALD_RETURN_IF_ERROR(SyncTree(parts_.files, folder));
  SKALD_RETURN_IF_ERROR(parts_.files.Rename(folder, summary.path));
  return parts_.files.SyncDir(options_.folder);
}

Status Snapshotter::AddRequests(const std::string& folder, SnapshotSummary& summary) {
  SKALD_RETURN_IF_ERROR(parts_.files.MakeDirs(folder));
  // None if nobody has asked for anything yet.
  return CopyIfThere(parts_.files, JoinPath(options_.data.requests, kRequestsFile),
                     JoinPath(folder, kRequestsFile), summary.files);
}

Status Snapshotter::AddRules(const std::string& folder, SnapshotSummary& summary) {
  const DataFolders& data = options_.data;
  const std::pair<const char*, const std::string&> parts[] = {
      {kRules, data.rules}, {kRuleObjects, data.rule_objects}, {kRuleSamples, data.rule_samples}};
  for (const auto& [part, source] : parts) {
    if (source.empty()) continue;
    SKALD_RETURN_IF_ERROR(
        CopyLiveTree(parts_.files, source, JoinPath(folder, part), summary.files));
  }
  if (data.rule_state.empty()) return {};
  // The old one goes once the other is there.
  SKALD_RETURN_IF_ERROR(CopyIfThere(parts_.files, data.rule_state + ".json",
                                    JoinPath(folder, kOldRuleState), summary.files));
  return CopyIfThere(parts_.files, data.rule_state, JoinPath(folder, kRuleState), summary.files);
}

Status Snapshotter::AddLog(const std::string& folder, SnapshotSummary& summary) {
  if (parts_.log == nullptr) return parts_.flush();
  // Newest first: what is older than one that was removed meanwhile is so as well, as it was
  // stored, and would look in the snapshot as if something was missing behind it.
  std::vector<ingester::Wal::Extent> extents = parts_.log->Extents();
  std::ranges::reverse(extents);
  for (const ingester::Wal::Extent& extent : extents) {
    const std::string from = parts_.log->SegmentPath(extent.segment);
    const std::string to = JoinPath(folder, ingester::WalSegmentName(extent.segment));
    const Status added = extent.growing ? CopyBytes(parts_.files, from, to, extent.bytes)
                                        : LinkOrCopy(parts_.files, from, to, summary.files);
    if (added.code() == StatusCode::kNotFound) break;
    SKALD_RETURN_IF_ERROR(added);
    summary.files.copied += extent.growing ? 1 : 0;
    ++summary.wal_segments;
  }
  return {};
}

// Those that the checkpoint names: the live index may know others by now.
Status Snapshotter::AddPacks(const std::string& folder, SnapshotSummary& summary) {
  SKALD_ASSIGN_OR_RETURN(const auto index, chunkstore::IndexAudit::Open(JoinPath(folder, kIndex)));
  SKALD_ASSIGN_OR_RETURN(const auto packs, index->Packs([](const std::string&) {}));
  for (const chunkstore::IndexAudit::Pack& pack : packs) {
    const std::string to = JoinPath(JoinPath(folder, kChunks), pack.key);
    SKALD_RETURN_IF_ERROR(parts_.files.MakeDirs(ParentOf(to)));
    const Status added =
        LinkOrCopy(parts_.files, JoinPath(options_.data.chunks, pack.key), to, summary.files);
    if (added.code() == StatusCode::kNotFound) {
      LogError("a pack that the index names is missing in a snapshot, as in the store",
               {{"pack", pack.key}});
      summary.missing_packs.push_back(pack.key);
      continue;
    }
    SKALD_RETURN_IF_ERROR(added);
    ++summary.packs;
  }
  return {};
}

Status Snapshotter::WriteManifest(const std::string& folder, const SnapshotSummary& summary) {
  SnapshotManifest manifest{.time = TimeText(parts_.clock.NowNs()),
                            .packs = summary.packs,
                            .wal_segments = summary.wal_segments};
  SKALD_ASSIGN_OR_RETURN(manifest.files, ListFiles(parts_.files, folder));
  return parts_.files.AtomicWrite(JoinPath(folder, kSnapshotManifest), manifest.ToJson());
}

namespace {

// Packs, tables and segments of the log never change, so that a snapshot and its server may share
// them; other files of RocksDB do.
bool MayBeShared(std::string_view path) {
  return path.ends_with(".sst") || path.ends_with(".wal") ||
         path.find("/chunks/packs/") != std::string_view::npos;
}

Status RestoreTree(FileSystem& files, const std::string& from, const std::string& to,
                   FileCounts& counts) {
  SKALD_RETURN_IF_ERROR(files.MakeDirs(to));
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(from));
  for (const std::string& name : names) {
    const std::string source = JoinPath(from, name);
    const std::string target = JoinPath(to, name);
    if (IsFolder(files, source)) {
      SKALD_RETURN_IF_ERROR(RestoreTree(files, source, target, counts));
    } else if (MayBeShared(source)) {
      SKALD_RETURN_IF_ERROR(LinkOrCopy(files, source, target, counts));
    } else {
      SKALD_RETURN_IF_ERROR(CopyFile(files, source, target));
      ++counts.copied;
    }
  }
  return {};
}

// Folders on their way: each is filled under another name, and then put where it belongs.
class Restoration {
 public:
  Restoration(FileSystem& files, const std::string& snapshot, std::string target)
      : files_(files), snapshot_(snapshot), target_(std::move(target)) {}
  Restoration(const Restoration&) = delete;
  Restoration& operator=(const Restoration&) = delete;

  ~Restoration() {
    if (done_) return;
    for (const std::string& folder : published_) (void)RemoveTree(files_, folder);
    for (const std::string& folder : folders_) (void)RemoveTree(files_, Partial(folder));
  }

  // Puts a part of the snapshot on its way to `folder`. kAlreadyExists if that is taken.
  Status Fill(const std::string& part, const std::string& folder) {
    const auto around = std::ranges::find_if(
        folders_, [&](const std::string& begun) { return folder.starts_with(begun + "/"); });
    if (around != folders_.end()) {
      return RestoreTree(files_, JoinPath(snapshot_, part),
                         Partial(*around) + folder.substr(around->size()), counts_);
    }
    SKALD_RETURN_IF_ERROR(Begin(folder));
    return RestoreTree(files_, JoinPath(snapshot_, part), Partial(folder), counts_);
  }

  // Puts a file of the snapshot, if it has it, into the target.
  Status AddFile(const std::string& name) {
    return CopyIfThere(files_, JoinPath(snapshot_, name), JoinPath(Partial(target_), name),
                       counts_);
  }

  Status Begin(const std::string& folder) {
    SKALD_ASSIGN_OR_RETURN(const bool exists, files_.Exists(folder));
    if (exists) {
      const auto names = files_.List(folder);
      if (!names.ok() || !names->empty()) return AlreadyExists(folder);
    }
    folders_.push_back(folder);
    SKALD_RETURN_IF_ERROR(RemoveTree(files_, Partial(folder)));
    return files_.MakeDirs(Partial(folder));
  }

  // The target, which was begun first, comes last.
  Result<FileCounts> Publish() {
    for (const std::string& folder : folders_) {
      SKALD_RETURN_IF_ERROR(SyncTree(files_, Partial(folder)));
    }
    for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
      SKALD_ASSIGN_OR_RETURN(const bool exists, files_.Exists(*folder));
      if (exists) SKALD_RETURN_IF_ERROR(files_.Remove(*folder));
      SKALD_RETURN_IF_ERROR(files_.Rename(Partial(*folder), *folder));
      published_.push_back(*folder);
      done_ = published_.size() == folders_.size();
      SKALD_RETURN_IF_ERROR(files_.SyncDir(ParentOf(*folder)));
    }
    return counts_;
  }

 private:
  static std::string Partial(const std::string& folder) {
    return folder + std::string(kPartialSuffix);
  }

  FileSystem& files_;
  const std::string snapshot_;
  const std::string target_;
  FileCounts counts_;
  std::vector<std::string> folders_;
  std::vector<std::string> published_;
  bool done_ = false;
};

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

Result<FileCounts> Restore(FileSystem& files, const std::string& snapshot,
                           const std::string& target, const DataFolders& folders) {
  SKALD_RETURN_IF_ERROR(CheckWhole(files, snapshot));
  Restoration restoration(files, snapshot, WithoutSlash(target));
  SKALD_RETURN_IF_ERROR(restoration.Begin(WithoutSlash(target)));
  struct Part {
    const char* name;
    const std::string& folder;
    bool always;  // There are snapshots from before deletes, and servers without rules.
  };
  const Part parts[] = {{kChunks, folders.chunks, true},
                        {kIndex, folders.index, true},
                        {kLog, folders.wal, true},
                        {kRequests, folders.requests, false},
                        {kRules, folders.rules, false},
                        {kRuleObjects, folders.rule_objects, false},
                        {kRuleSamples, folders.rule_samples, false}};
  for (const Part& part : parts) {
    SKALD_ASSIGN_OR_RETURN(const bool has, files.Exists(JoinPath(snapshot, part.name)));
    if (!has && !part.always) continue;
    const std::string own = JoinPath(WithoutSlash(target), part.name);
    SKALD_RETURN_IF_ERROR(
        restoration.Fill(part.name, part.folder.empty() ? own : WithoutSlash(part.folder)));
  }
  for (const char* file : {kOldRuleState, kRuleState}) {
    SKALD_RETURN_IF_ERROR(restoration.AddFile(file));
  }
  return restoration.Publish();
}

}  // namespace skald::maintenance
