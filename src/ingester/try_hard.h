#pragma once

namespace skald::ingester {

// Calls `read` until it succeeds, a few times at most: what a start gives up is lost to queries.
template <typename Read>
auto TryHard(const Read& read) {
  constexpr int kAttempts = 3;
  auto result = read();
  for (int attempt = 1; attempt < kAttempts && !result.ok(); ++attempt) result = read();
  return result;
}

}  // namespace skald::ingester
