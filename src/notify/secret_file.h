#pragma once

#include <string>

#include "common/files.h"
#include "common/status.h"

namespace skald::notify {

// What a file holds, without line ends and blanks at its end. Errors of the file system.
Result<std::string> ReadSecret(FileSystem& files, const std::string& path);

}  // namespace skald::notify
