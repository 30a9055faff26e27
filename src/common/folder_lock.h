#pragma once

#include <string>

#include "common/files.h"
#include "common/status.h"

namespace skald {

// Keeps others who ask for it, in this process or another, off a folder while it lives. The system
// lets go of it when the process ends, however that is: a file that was left behind locks nothing.
//
// Threads: a value that is moved.
// Format:  the file kFolderLockName in the folder, with the process's number in it for people.
class FolderLock {
 public:
  // Makes the folder if needed. kFailedPrecondition, with who has it, when it is taken;
  // kUnavailable when the system cannot lock it: such a folder must not be written to.
  static Result<FolderLock> Take(FileSystem& files, const std::string& folder);

  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

inline constexpr const char* kFolderLockName = "skald.lock";

}  // namespace skald
