#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>

namespace skald::test {

// Keeps the log of thousands of faults out of a test's output: shown is what comes before a
// failure.
//
// Threads: one owner at a time in the process.
class CapturedLog {
 public:
  CapturedLog() { testing::internal::CaptureStderr(); }
  ~CapturedLog() {
    constexpr size_t kTail = 8000;
    const std::string log = testing::internal::GetCapturedStderr();
    if (testing::Test::HasFailure())
      std::cerr << log.substr(log.size() - std::min(log.size(), kTail));
  }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;
};

}  // namespace skald::test
