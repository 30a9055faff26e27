#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/files.h"
#include "common/status.h"
#include "deletes/request_file.h"

namespace skald::deletes {

// The requests on disk: in a file, and in a copy of it for when the file is damaged, as without
// them nobody knows what must not be seen.
//
// Ownership: borrows the file system.
// Threads:   one caller at a time.
class StoredRequests {
 public:
  // The file and its copy.
  static std::vector<std::string> Paths(const std::string& folder);

  // The folder must exist.
  StoredRequests(FileSystem& files, const std::string& folder);

  // Of the file, which is replaced as a whole.
  const std::string& path() const { return path_; }

  // No requests if there is no file. One of the two that is damaged is reported and written anew;
  // kDataLoss that names them if both are. kUnimplemented for a file of a later version.
  Result<RequestList> Load();

  // When it returns OK the list is durable, else it or the one before.
  Status Save(const RequestList& list);

 private:
  // Nothing if there is no such file.
  Result<std::optional<RequestList>> Read(const std::string& path) const;
  // Makes `path` say what the other one says.
  void Repair(const std::string& path, const RequestList& list) const;

  FileSystem& files_;
  const std::string path_;
  const std::string copy_path_;
};

}  // namespace skald::deletes
