#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/files.h"
#include "common/status.h"

namespace skald::ingester {

// Where a log ends that was closed in order: a file beside its segments, which is gone before the
// log changes again. FORMAT.md draws its bytes.
struct WalEnd {
  // The segments that there are, with up to which byte whole frames reach; 0: nobody knows.
  std::map<uint64_t, uint64_t> segments;

  // Whether the log went on without this file's removal, by a program that does not know of it.
  bool IsOlderThan(uint64_t segment) const {
    return segments.empty() || segment > segments.rbegin()->first;
  }
};

// The file's name in the log's folder.
inline constexpr std::string_view kWalEndName = "log.end";

std::string EncodeWalEnd(const WalEnd& end);
// kDataLoss for damage, kUnimplemented for a version that is newer than this program.
Result<WalEnd> DecodeWalEnd(std::string_view bytes);

// What the folder's file says; nullopt if there is none, errors as DecodeWalEnd and the disk's.
Result<std::optional<WalEnd>> ReadWalEnd(FileSystem& files, const std::string& folder);

}  // namespace skald::ingester
