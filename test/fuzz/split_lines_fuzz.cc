// Lines split into columns. The first byte chooses: 0, the rest are lines, which must be read back
// as they were, and found as they were; else it is the number of entries, and the rest is what a
// hostile disk may hold.

#include <algorithm>
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

SplitBuffers& Buffers() {
  static SplitBuffers buffers;
  return buffers;
}

// Keeps all, or every other byte and hole.
class SomeExcerpt final : public model::LineExcerpt {
 public:
  explicit SomeExcerpt(size_t step) : step_(step) {}

  bool Cut(const model::LineOutline& outline, std::vector<Range>& kept) const override {
    kept.clear();
    size_t holes = 0;
    for (size_t at = 0; at < outline.text.size(); ++at) {
      if (at % step_ == 0) kept.push_back({at, at + 1});
      holes += outline.text[at] == 0 ? 1 : 0;
    }
    if (holes != outline.holes.size()) __builtin_trap();
    return true;
  }

 private:
  const size_t step_;
};

void Find(const std::vector<std::string>& lines, const SplitLines& split,
          const std::string& literal) {
  const RowFilter filter({{.any_of = {literal}}});
  if (literal.empty() || !filter.selective()) return;
  auto search = SplitLinesSearch::Begin(split.bytes, split.text_bytes, filter, Buffers());
  std::vector<uint32_t> rows;
  model::TextColumn decoded;
  if (!search.ok() || !search->Read(split.entry_times, rows, decoded).ok()) __builtin_trap();
  for (uint32_t row = 0; row < lines.size(); ++row) {
    const bool told = std::binary_search(rows.begin(), rows.end(), row);
    if (!told && lines[row].find(literal) != std::string::npos) __builtin_trap();
    if (rows.empty()) continue;
    if (decoded[row] != (told ? std::string_view(lines[row]) : "")) __builtin_trap();
  }
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
  const SplitLines split{encoded, times, text_bytes};
  if (!DecodeSplitLines(split, Buffers(), decoded).ok()) __builtin_trap();
  for (size_t row = 0; row < lines.size(); ++row) {
    if (decoded[row] != lines[row]) __builtin_trap();
  }
  static const SomeExcerpt all(1);
  SplitLines cut = split;
  cut.excerpt = &all;
  if (!DecodeSplitLines(cut, Buffers(), decoded).ok()) __builtin_trap();
  for (size_t row = 0; row < lines.size(); ++row) {
    if (decoded[row] != lines[row]) __builtin_trap();
  }
  // A literal out of the lines themselves, short or long enough to be looked for among packed
  // digits.
  const std::string& any = lines[lines.size() / 2];
  Find(lines, split, any.substr(any.size() / 3, 6));
  Find(lines, split, any.substr(any.size() / 4, 11));
}

void DecodeHostile(std::string_view bytes, size_t count) {
  const std::vector<int64_t> times = TimesOf(count);
  const SplitLines split{bytes, times, count * 50};
  model::TextColumn lines;
  static const SomeExcerpt half(2);
  for (const SomeExcerpt* excerpt : {static_cast<const SomeExcerpt*>(nullptr), &half}) {
    SplitLines wanted = split;
    wanted.excerpt = excerpt;
    if (DecodeSplitLines(wanted, Buffers(), lines).ok() && lines.size() != count) __builtin_trap();
  }
  static const RowFilter filter({{.any_of = {"error", "7"}}, {.any_of = {"e"}, .fold_case = true}});
  auto search = SplitLinesSearch::Begin(split.bytes, split.text_bytes, filter, Buffers());
  std::vector<uint32_t> rows;
  if (!search.ok() || !search->Read(times, rows, lines, &half).ok() || rows.empty()) return;
  if (lines.size() != count || rows.size() > count || rows.back() >= count) __builtin_trap();
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
  skald::chunkstore::DecodeHostile(bytes, count);
  return 0;
}
