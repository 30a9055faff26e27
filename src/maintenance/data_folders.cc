#include "maintenance/data_folders.h"

#include "chunkstore/pack_names.h"

namespace skald::maintenance {

Status CheckThereIsData(FileSystem& files, const DataFolders& folders) {
  const std::string packs = JoinPath(folders.chunks, chunkstore::kPacksPrefix);
  for (const std::string& folder : {packs, folders.index, folders.wal}) {
    const auto names = files.List(folder);
    // What cannot be listed for another reason is there, and whoever reads it says what is wrong.
    if (names.ok() ? !names->empty() : names.status().code() != StatusCode::kNotFound) return {};
  }
  return NotFound("there is no data of skald: no packs in " + packs + ", no index in " +
                  folders.index + ", and no log in " + folders.wal);
}

}  // namespace skald::maintenance
