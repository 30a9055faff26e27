#include "maintenance/pack_walk.h"

#include <algorithm>
#include <utility>

#include "chunkstore/pack_names.h"
#include "chunkstore/stored_pack.h"

namespace skald::maintenance {

using chunkstore::ChunkHeader;
using chunkstore::ObjectEntry;
using chunkstore::PackEntry;
using chunkstore::WholePackFilter;

PackWalk::PackWalk(FileSystem& files, std::string folder)
    : folder_(std::move(folder)), objects_(chunkstore::FsObjectStore::Attach(files, folder_)) {}

Status PackWalk::ForEach(const std::function<void(const Pack&)>& visit,
                         const OnFinding& on_finding) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<ObjectEntry> objects,
                         objects_->List(chunkstore::kPacksPrefix));
  for (const ObjectEntry& object : objects) {
    const std::string path = JoinPath(folder_, object.key);
    Result<std::vector<PackEntry>> chunks = chunkstore::ReadStoredDirectory(object, *objects_);
    if (chunks.ok()) {
      visit({.object = object,
             .path = path,
             .chunks = *std::move(chunks),
             .filter = ReadFilter(object, path, on_finding)});
    } else if (chunks.status().code() != StatusCode::kNotFound) {  // Compacted away meanwhile.
      const uint64_t footer =
          object.bytes - std::min<uint64_t>(object.bytes, chunkstore::kPackFooterBytes);
      on_finding({.file = path, .offset = footer, .what = std::string(chunks.status().message())});
    }
  }
  return {};
}

std::optional<WholePackFilter> PackWalk::ReadFilter(const ObjectEntry& pack,
                                                    const std::string& path,
                                                    const OnFinding& on_finding) {
  auto filter = chunkstore::ReadStoredFilter(pack.key, *objects_);
  if (filter.ok()) return *std::move(filter);
  if (filter.status().code() != StatusCode::kNotFound) {
    on_finding({.file = path, .offset = 0, .what = std::string(filter.status().message())});
  }
  return std::nullopt;
}

std::optional<ChunkHeader> PackWalk::ReadHead(const Pack& pack, size_t chunk,
                                              const OnFinding& on_finding) {
  const PackEntry& entry = pack.chunks[chunk];
  std::string bytes;
  Status status = Read(pack, chunk, 0, entry.head_bytes, bytes);
  if (status.ok()) {
    Result<ChunkHeader> header = chunkstore::DecodeChunkHead(bytes);
    if (header.ok() && header->chunk_bytes == entry.bytes) return *std::move(header);
    status = header.ok()
                 ? DataLoss("the chunk says that it has " + std::to_string(header->chunk_bytes) +
                            " bytes, the directory " + std::to_string(entry.bytes))
                 : header.status();
  }
  if (status.code() != StatusCode::kNotFound) {
    on_finding(At(pack, chunk, std::string(status.message())));
  }
  return std::nullopt;
}

Status PackWalk::Read(const Pack& pack, size_t chunk, uint64_t offset, uint64_t count,
                      std::string& out) {
  return objects_->GetRange(pack.object.key, pack.chunks[chunk].offset + offset, count, out);
}

Finding PackWalk::At(const Pack& pack, size_t chunk, std::string what) {
  const PackEntry& entry = pack.chunks[chunk];
  return {.file = pack.path,
          .offset = entry.offset,
          .chunk = chunk,
          .stream = entry.labels->ToString(),
          .what = std::move(what)};
}

}  // namespace skald::maintenance
