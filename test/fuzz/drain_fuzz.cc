// Any lines through Drain: each pattern is an expression of |> that the lines it was made of match.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "logql/pattern.h"
#include "logql/stages/line_pattern.h"
#include "patterns/drain.h"

namespace {

using skald::patterns::Drain;

// The first byte chooses caps and bounds; entries are what NULs separate.
Drain::Options OptionsOf(uint8_t bits) {
  Drain::Options options;
  options.max_eviction_ratio = (bits & 1) != 0 ? 1 : 0.01;
  options.max_clusters = (bits & 2) != 0 ? 2 : 300;
  options.max_children = (bits & 4) != 0 ? 2 : 16;
  options.caps.tokens = (bits & 8) != 0 ? 3 : 96;
  options.caps.line_bytes = (bits & 16) != 0 ? 9 : 1024;
  options.similarity = (bits & 32) != 0 ? 0 : 0.6;
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Drain drain(OptionsOf(data[0]));
  std::map<uint32_t, std::vector<std::string_view>> taken;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\0'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    const Drain::Placed placed = drain.Add(line);
    if (placed.cluster == Drain::Placed::kNowhere) continue;
    if (placed.created) taken[placed.cluster].clear();
    taken[placed.cluster].push_back(line);
  }
  for (const auto& [cluster, lines] : taken) {
    const auto parts = skald::logql::ParseLinePattern(drain.Pattern(cluster));
    if (!parts.ok()) std::abort();
    const skald::logql::LinePattern pattern(*parts);
    for (const std::string_view line : lines) {
      if (!pattern.Matches(line)) std::abort();
    }
    drain.Remove(cluster);
  }
  if (drain.size() != 0 || drain.memory_bytes() != 0) std::abort();
  return 0;
}
