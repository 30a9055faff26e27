// Lines split into columns. The first byte chooses: 0, the rest are lines, which must be read back
// as they were; else it is the number of entries, and the rest is what a hostile disk may hold.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/split/split_lines.h"

namespace skald::chunkstore {
namespace {

constexpr int64_t kStartNs = 1'700'000'000'000'000'000;

std::vector<int64_t> TimesOf(size_t count) {
  std::vector<int64_t> times(count);
  for (size_t i = 0; i < count; ++i) times[i] = kStartNs + static_cast<int64_t>(i) * 333'000'000;
  return times;
}

// Each line several times, as only lines in company are split; with its number, so that they
// differ.
void RoundTrip(std::string_view bytes) {
  std::vector<std::string> lines;
  for (size_t copy = 0; copy < 14; ++copy) {
    for (size_t at = 0; at <= bytes.size();) {
      const size_t end = std::min(bytes.find('\n', at), bytes.size());
      lines.emplace_back(bytes.substr(at, end - at));
      if (copy % 2 == 1) lines.back() += std::to_string(copy);
      at = end + 1;
    }
  }
  const std::vector<std::string_view> views(lines.begin(), lines.end());
  uint64_t text_bytes = 0;
  for (const std::string& line : lines) text_bytes += line.size() + 1;
  const std::vector<int64_t> times = TimesOf(lines.size());
  std::string encoded;
  EncodeSplitLines(views, times, 1, encoded);
  model::TextColumn decoded;
  if (!DecodeSplitLines(encoded, times, text_bytes, decoded).ok()) __builtin_trap();
  for (size_t row = 0; row < lines.size(); ++row) {
    if (decoded[row] != lines[row]) __builtin_trap();
  }
}

}  // namespace
}  // namespace skald::chunkstore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  const size_t count = static_cast<uint8_t>(bytes[0]);
  bytes.remove_prefix(1);
  if (count == 0) {
    skald::chunkstore::RoundTrip(bytes);
    return 0;
  }
  const std::vector<int64_t> times = skald::chunkstore::TimesOf(count);
  skald::model::TextColumn lines;
  const auto status = skald::chunkstore::DecodeSplitLines(bytes, times, count * 50, lines);
  if (status.ok() && lines.size() != count) __builtin_trap();
  return 0;
}
