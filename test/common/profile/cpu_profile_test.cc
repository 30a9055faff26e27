#include "common/profile/cpu_profile.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "common/bytes.h"
#include "common/compress.h"
#include "support/matchers.h"

namespace skald {
namespace {

using std::chrono::milliseconds;
using test::HasCode;
using test::IsOk;

// Does work until `stop`; kept whole, so that it has a frame and a name.
__attribute__((noinline)) uint64_t SpinUntilTold(const std::atomic<bool>& stop) {
  volatile uint64_t sum = 0;
  while (!stop) {
    for (int i = 0; i < 1000; ++i) {
      sum = sum * 31 + 7;
    }
  }
  return sum;
}
__attribute__((noinline)) uint64_t CallerOfTheSpin(const std::atomic<bool>& stop) {
  return SpinUntilTold(stop) + 1;
}

class CpuProfileTest : public testing::Test {
 protected:
  CpuProfileTest() : busy_([this] { result_ = CallerOfTheSpin(stop_); }) {}
  ~CpuProfileTest() override {
    stop_ = true;
    busy_.join();
  }

  const SystemClock clock_;
  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> result_ = 0;
  std::thread busy_;
};

int64_t Nanoseconds(const Profile& profile) {
  int64_t sum = 0;
  for (const Profile::Sample& sample : profile.samples) {
    sum += sample.values[1];
  }
  return sum;
}

// Of the samples in which `inner` was called by `outer`.
int64_t NanosecondsIn(const Profile& profile, std::string_view inner, std::string_view outer) {
  const CodeMap code = CodeMap::OfThisProcess();
  int64_t sum = 0;
  for (const Profile::Sample& sample : profile.samples) {
    const auto has = [&](size_t at, std::string_view name) {
      return at < sample.stack.size() && code.ModuleAt(sample.stack[at]) != nullptr &&
             code.FunctionAt(sample.stack[at]).name.find(name) != std::string::npos;
    };
    if (has(0, inner) && has(1, outer)) sum += sample.values[1];
  }
  return sum;
}

TEST_F(CpuProfileTest, FindsWhereTheTimeGoes) {
  Result<Profile> profile = Internal("not yet");
  do {  // On a busy machine the thread may get little of the time.
    profile = CollectCpuProfile(clock_, milliseconds(400), CancelToken());
    ASSERT_THAT(profile, IsOk());
    EXPECT_EQ(profile->period, 10'000'000);
    EXPECT_GE(profile->duration_ns, 400'000'000);
  } while (Nanoseconds(*profile) <= 50'000'000);
  EXPECT_GT(NanosecondsIn(*profile, "SpinUntilTold", "CallerOfTheSpin"), Nanoseconds(*profile) / 2);
}

TEST_F(CpuProfileTest, IsTakenByOneAtATime) {
  CancelToken cancel;
  Result<Profile> first = Internal("not yet");
  std::thread taker([&] {
    do {  // The other may have been faster.
      first = CollectCpuProfile(clock_, std::chrono::hours(1), cancel);
    } while (first.status().code() == StatusCode::kUnavailable);
  });
  Result<Profile> second = Internal("not yet");
  do {  // The other may not have begun.
    second = CollectCpuProfile(clock_, milliseconds(1), CancelToken());
  } while (second.ok());
  EXPECT_THAT(second, HasCode(StatusCode::kUnavailable));
  cancel.Cancel();
  taker.join();
  EXPECT_THAT(first, HasCode(StatusCode::kCancelled));
  EXPECT_THAT(CollectCpuProfile(clock_, milliseconds(1), CancelToken()), IsOk());
}

}  // namespace
}  // namespace skald
