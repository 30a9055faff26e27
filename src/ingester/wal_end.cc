#include "ingester/wal_end.h"

#include "common/bytes.h"
#include "common/hash.h"
#include "ingester/try_hard.h"

namespace skald::ingester {
namespace {

constexpr std::string_view kMagic = "SKALDEND";
constexpr uint32_t kVersion = 1;
constexpr size_t kHeadBytes = 16;  // Magic, version, count.
constexpr size_t kSegmentBytes = 16;
constexpr size_t kCrcBytes = 4;

}  // namespace

std::string EncodeWalEnd(const WalEnd& end) {
  std::string out(kMagic);
  PutFixed32(out, kVersion);
  PutFixed32(out, static_cast<uint32_t>(end.segments.size()));
  for (const auto& [segment, bytes] : end.segments) {
    PutFixed64(out, segment);
    PutFixed64(out, bytes);
  }
  PutFixed32(out, Crc32c(out));
  return out;
}

Result<WalEnd> DecodeWalEnd(std::string_view bytes) {
  if (bytes.size() < kHeadBytes + kCrcBytes || !bytes.starts_with(kMagic) ||
      Crc32c(bytes.substr(0, bytes.size() - kCrcBytes)) !=
          LoadFixed32(bytes.data() + bytes.size() - kCrcBytes)) {
    return DataLoss("the file that says where the write-ahead log ends is damaged");
  }
  if (const uint32_t version = LoadFixed32(bytes.data() + 8); version != kVersion) {
    return Status(StatusCode::kUnimplemented,
                  "the file that says where the write-ahead log ends is of version " +
                      std::to_string(version) + ", which this program does not know");
  }
  const uint64_t count = LoadFixed32(bytes.data() + 12);
  if (bytes.size() != kHeadBytes + count * kSegmentBytes + kCrcBytes) {
    return DataLoss("the file that says where the write-ahead log ends has a wrong length");
  }
  WalEnd end;
  for (uint64_t i = 0; i < count; ++i) {
    const char* const segment = bytes.data() + kHeadBytes + i * kSegmentBytes;
    end.segments[LoadFixed64(segment)] = LoadFixed64(segment + 8);
  }
  return end;
}

Result<std::optional<WalEnd>> ReadWalEnd(FileSystem& files, const std::string& folder) {
  const std::string path = JoinPath(folder, kWalEndName);
  const Result<std::string> bytes = TryHard([&] { return files.ReadAll(path); });
  if (bytes.status().code() == StatusCode::kNotFound) return std::optional<WalEnd>();
  if (!bytes.ok()) return bytes.status();
  auto end = DecodeWalEnd(*bytes);
  if (!end.ok()) return Annotate(std::move(end).status(), path);
  return std::optional<WalEnd>(*std::move(end));
}

}  // namespace skald::ingester
