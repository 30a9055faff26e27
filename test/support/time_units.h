#pragma once

#include <cstdint>

namespace skald::test {

// In nanoseconds, as entries have their times.
inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kHour = 3'600 * kSecond;

}  // namespace skald::test
