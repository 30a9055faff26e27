#include "maintenance/snapshot_manifest.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "chunkstore/index/index_audit.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "chunkstore/pack_names.h"
#include "common/config_node.h"
#include "common/json_writer.h"
#include "ingester/wal_frame.h"
#include "maintenance/file_tree.h"

namespace skald::maintenance {
namespace {

constexpr uint64_t kFormat = 1;

Status Malformed() { return DataLoss(std::string(kSnapshotManifest) + ": malformed"); }

Result<uint64_t> ReadNumber(const ConfigNode& object, std::string_view name) {
  const std::string_view text = object.Text(name);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return Malformed();
  return number;
}

Status AddFiles(FileSystem& files, const std::string& folder, const std::string& within,
                std::vector<SnapshotManifest::File>& out) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         files.List(JoinPath(folder, within)));
  for (const std::string& name : names) {
    const std::string path = JoinPath(within, name);
    const std::string whole = JoinPath(folder, path);
    if (IsFolder(files, whole)) {
      SKALD_RETURN_IF_ERROR(AddFiles(files, folder, path, out));
      continue;
    }
    SKALD_ASSIGN_OR_RETURN(const FileState state, files.Stat(whole));
    out.push_back({.path = path, .bytes = state.bytes});
  }
  return {};
}

// What a snapshot lacks, to be told at once.
class Missing {
 public:
  explicit Missing(std::string snapshot) : snapshot_(std::move(snapshot)) {}

  void Add(std::string what) {
    if (first_.empty()) first_ = std::move(what);
    ++count_;
  }
  Status ToStatus() const {
    if (count_ == 0) return {};
    const std::string more = count_ > 1 ? ", and " + std::to_string(count_ - 1) + " more" : "";
    return DataLoss(snapshot_ + " is no whole snapshot: " + first_ + more);
  }

 private:
  const std::string snapshot_;
  std::string first_;
  size_t count_ = 0;
};

// The newest segment of the log, which may be linked, had a frame on its way.
bool MayGrow(const std::string& path) { return path.starts_with("wal/"); }

Status CheckFiles(FileSystem& files, const std::string& snapshot,
                  const std::vector<SnapshotManifest::File>& expected) {
  Missing missing(snapshot);
  for (const SnapshotManifest::File& file : expected) {
    const auto state = files.Stat(JoinPath(snapshot, file.path));
    if (state.status().code() == StatusCode::kNotFound) {
      missing.Add(file.path + " is missing");
    } else if (!state.ok()) {
      missing.Add(std::string(state.status().message()));
    } else if (state->bytes < file.bytes || (state->bytes > file.bytes && !MayGrow(file.path))) {
      missing.Add(file.path + " has " + std::to_string(state->bytes) + " bytes instead of " +
                  std::to_string(file.bytes));
    }
  }
  return missing.ToStatus();
}

// Of snapshots that name no files: the index does.
Status CheckPacks(FileSystem& files, const std::string& snapshot, uint64_t expected) {
  const auto objects = chunkstore::FsObjectStore::Attach(files, JoinPath(snapshot, "chunks"));
  SKALD_ASSIGN_OR_RETURN(const auto packs, objects->List(chunkstore::kPacksPrefix));
  if (packs.size() >= expected) return {};
  const auto index = chunkstore::IndexAudit::Open(JoinPath(snapshot, "index"));
  if (!index.ok()) {
    return DataLoss(snapshot + " is no whole snapshot: it has " + std::to_string(packs.size()) +
                    " packs instead of " + std::to_string(expected) + ", and " +
                    std::string(index.status().message()));
  }
  std::set<std::string> there;
  for (const chunkstore::ObjectEntry& pack : packs) there.insert(pack.key);
  SKALD_ASSIGN_OR_RETURN(const auto named, (*index)->Packs([](const std::string&) {}));
  Missing missing(snapshot);
  for (const chunkstore::IndexAudit::Pack& pack : named) {
    if (!there.contains(pack.key)) missing.Add("chunks/" + pack.key + " is missing");
  }
  return missing.ToStatus();
}

Status CheckSegments(FileSystem& files, const std::string& snapshot, uint64_t expected) {
  const auto names = files.List(JoinPath(snapshot, "wal"));
  if (!names.ok() && names.status().code() != StatusCode::kNotFound) return names.status();
  std::set<uint64_t> segments;
  for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
    if (const auto segment = ingester::ParseWalSegmentName(name)) segments.insert(*segment);
  }
  if (segments.size() >= expected) return {};
  std::string which;
  for (uint64_t segment = segments.empty() ? 0 : *segments.begin();
       !segments.empty() && segment < *segments.rbegin() && which.empty(); ++segment) {
    if (!segments.contains(segment)) which = ": wal/" + ingester::WalSegmentName(segment);
  }
  return DataLoss(snapshot + " is no whole snapshot: wal has " + std::to_string(segments.size()) +
                  " segments instead of " + std::to_string(expected) +
                  (which.empty() ? "" : which + " is missing"));
}

}  // namespace

std::string SnapshotManifest::ToJson() const {
  std::string out;
  JsonWriter json(out);
  const auto count = [&](const char* key, uint64_t number) {
    json.Key(key);
    json.Uint(number);
  };
  const auto text = [&](const char* key, const std::string& value) {
    json.Key(key);
    json.String(value);
  };
  json.BeginObject();
  count("format", kFormat);
  text("time", time);
  count("packs", packs);
  count("wal_segments", wal_segments);
  json.Key("files");
  json.BeginArray();
  for (const File& file : files) {
    json.BeginObject();
    text("path", file.path);
    count("bytes", file.bytes);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  out.push_back('\n');
  return out;
}

// JSON is YAML.
Result<SnapshotManifest> SnapshotManifest::Parse(std::string_view json) {
  const auto object = ParseYaml(json);
  if (!object.ok()) return Malformed();
  SKALD_ASSIGN_OR_RETURN(const uint64_t format, ReadNumber(*object, "format"));
  if (format != kFormat) {
    return Status(StatusCode::kUnimplemented, std::string(kSnapshotManifest) + ": format " +
                                                  std::to_string(format) + " is not known here");
  }
  SnapshotManifest out{.time = std::string(object->Text("time"))};
  SKALD_ASSIGN_OR_RETURN(out.packs, ReadNumber(*object, "packs"));
  SKALD_ASSIGN_OR_RETURN(out.wal_segments, ReadNumber(*object, "wal_segments"));
  const ConfigNode* const files = object->Find("files");
  if (files == nullptr) return out;
  for (const ConfigNode& item : files->items) {
    File file{.path = std::string(item.Text("path"))};
    if (file.path.empty()) return Malformed();
    SKALD_ASSIGN_OR_RETURN(file.bytes, ReadNumber(item, "bytes"));
    out.files.push_back(std::move(file));
  }
  return out;
}

Result<std::vector<SnapshotManifest::File>> ListFiles(FileSystem& files,
                                                      const std::string& folder) {
  std::vector<SnapshotManifest::File> out;
  SKALD_RETURN_IF_ERROR(AddFiles(files, folder, "", out));
  std::ranges::sort(out, {}, &SnapshotManifest::File::path);
  return out;
}

Status CheckWhole(FileSystem& files, const std::string& snapshot) {
  const auto text = files.ReadAll(JoinPath(snapshot, kSnapshotManifest));
  if (text.status().code() == StatusCode::kNotFound) {
    return NotFound(snapshot + " is no whole snapshot: it has no " + kSnapshotManifest);
  }
  SKALD_RETURN_IF_ERROR(text.status());
  const Result<SnapshotManifest> manifest = SnapshotManifest::Parse(*text);
  if (!manifest.ok()) {
    return Status(manifest.status().code(),
                  snapshot + ": " + std::string(manifest.status().message()));
  }
  if (!manifest->files.empty()) return CheckFiles(files, snapshot, manifest->files);
  SKALD_RETURN_IF_ERROR(CheckPacks(files, snapshot, manifest->packs));
  return CheckSegments(files, snapshot, manifest->wal_segments);
}

}  // namespace skald::maintenance
