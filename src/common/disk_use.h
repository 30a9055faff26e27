#pragma once

#include <cstdint>
#include <string>

#include "common/status.h"

namespace skald {

// Bytes that the files below a folder, or a single file, take on disk: blocks, which may be more
// than their sizes say (room taken ahead) or less. 0 if there is nothing; what goes while it is
// looked at may or may not count.
//
// Threads: any thread may call.
// Cost:    a system call a file.
Result<uint64_t> AllocatedBytes(const std::string& path);

}  // namespace skald
