#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <limits>
#include <string>
#include <tuple>

#include "faults/captured_log.h"
#include "faults/line_pusher.h"
#include "faults/store_lines.h"
#include "faults/whole_store.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

// The promise, held against every call that log, packs, index and compactor make to the disk: a
// scenario is run once to count the calls, and then once for each call and each way to fail.
namespace skald {
namespace {

using test::FaultyFileSystem;
using test::IsOk;
using test::StoreLine;
using test::StoreShape;
using test::WholeStore;
using Op = FaultyFileSystem::Op;

// One way for a call to fail.
struct FaultKind {
  const char* name;
  Op op;  // Of the calls that can fail so.
  // Has call `n` of them, and what comes with it, fail.
  std::function<void(FaultyFileSystem&, int n)> arm;
  bool once = true;  // Later calls succeed.
  // Power failures: what the disk does with bytes that were not synced.
  std::function<void(FaultyFileSystem&)> crash = nullptr;
};

std::function<void(FaultyFileSystem&, int)> Once(Op op, StatusCode code, size_t short_bytes = 0) {
  return [=](FaultyFileSystem& files, int n) {
    files.Inject({.op = op, .code = code, .after = n, .short_bytes = short_bytes});
  };
}

void PowerFails(FaultyFileSystem& files, int n) { files.FailFromCall(n); }

std::function<void(FaultyFileSystem&)> Torn(uint64_t bytes) {
  return [=](FaultyFileSystem& files) { files.Crash(bytes); };
}

constexpr size_t kHalf = std::numeric_limits<size_t>::max();

std::vector<FaultKind> FaultKinds() {
  return {
      {"EIO", Op::kAny, Once(Op::kAny, StatusCode::kUnavailable)},
      {"ENOSPC", Op::kTakesRoom, Once(Op::kTakesRoom, StatusCode::kResourceExhausted)},
      {"disk_full", Op::kTakesRoom,
       [](FaultyFileSystem& files, int n) {
         files.Inject({.op = Op::kTakesRoom,
                       .code = StatusCode::kResourceExhausted,
                       .after = n,
                       .times = std::numeric_limits<int>::max(),
                       .short_bytes = kHalf});
       },
       false},
      {"short_write", Op::kAppend, Once(Op::kAppend, StatusCode::kUnavailable, kHalf)},
      {"failed_fsync", Op::kSync, Once(Op::kSync, StatusCode::kUnavailable)},
      {"power_cut", Op::kAny, PowerFails, false, Torn(0)},
      {"power_cut_torn", Op::kAny, PowerFails, false, Torn(37)},
      {"power_cut_all_written", Op::kAny, PowerFails, false, Torn(kHalf)},
  };
}

// Every so many calls fail, of all that there are: 1 for each. What a rich store calls differs from
// a small one's in bytes more than in kind, and takes ten times as long.
int Stride(const StoreShape& shape) {
  constexpr int kOfRich = 13;
  const char* const text = std::getenv("SKALD_FAULT_STRIDE");
  return (text == nullptr ? 1 : std::max(1, std::atoi(text))) * (shape.rich ? kOfRich : 1);
}

// A store's life with a fault in it.
class Scenario {
 public:
  explicit Scenario(const StoreShape& shape) : pushed_(shape), store_(files_, shape) {}

  FaultyFileSystem& files() { return files_; }
  int refused() const { return refused_; }
  int failed_flushes() const { return failed_flushes_; }

  // Pushes, flushes, compactions and restarts, until one cannot open the store. An error of any but
  // a push is for later rounds to repair.
  void Run() {
    if (!store_.Open().ok()) return;
    for (int round = 0; round < 2; ++round) {
      for (int flush = 0; flush < 2; ++flush) {
        Push();
        Push();
        Push();
        Flush();
      }
      (void)store_.Compact();
      Push();
      store_.Close();
      if (!store_.Open().ok()) return;
      Push();
    }
    Flush();
    (void)store_.Compact();
    Push();
  }

  // The disk is well again: all goes on, and without a restart if there is a process.
  void Recover() {
    files_.ClearFaults();
    if (!store_.is_open()) {
      ASSERT_THAT(store_.Open(), IsOk());
    }
    ASSERT_NO_FATAL_FAILURE(Check("when the disk is well again"));
    const int refused = refused_;
    Push();
    EXPECT_EQ(refused_, refused) << "pushes do not recover";
    EXPECT_THAT(store_.Flush(), IsOk());
    EXPECT_THAT(store_.Compact(), IsOk());
    ASSERT_NO_FATAL_FAILURE(Check("after a flush"));
  }

  // The machine goes down with what its disk has at that moment, and comes up again.
  void RestartAfter(const std::function<void(FaultyFileSystem&)>& crash) {
    crash(files_);
    store_.Die();
    files_.ClearFaults();
    ASSERT_THAT(store_.Open(), IsOk());
    ASSERT_NO_FATAL_FAILURE(Check("after the crash"));
  }

 private:
  void Push() {
    const Status status = pushed_.Push(store_);
    if (status.ok()) return;
    ++refused_;
    // What clients are told to try again later for: 503 and 429.
    EXPECT_THAT(status.code(),
                testing::AnyOf(StatusCode::kUnavailable, StatusCode::kResourceExhausted))
        << status.message();
  }

  void Flush() { failed_flushes_ += store_.Flush().ok() ? 0 : 1; }

  // Each line that was acknowledged is there once, and no other is that was not pushed.
  void Check(const char* when) {
    SCOPED_TRACE(when);
    const auto answer = store_.Read();
    ASSERT_THAT(answer, IsOk());
    EXPECT_THAT(answer->warnings, testing::IsEmpty());
    EXPECT_THAT(answer->strange, testing::IsEmpty());
    for (const StoreLine& line : pushed_.acknowledged()) {
      EXPECT_EQ(answer->lines.count(line), 1u)
          << "acknowledged line " << line.second << " of stream " << line.first;
    }
    for (const StoreLine& line : answer->lines) {
      EXPECT_EQ(answer->lines.count(line), 1u) << "line " << line.second;
      EXPECT_LE(line.second, pushed_.last());
    }
  }

  test::LinePusher pushed_;
  int refused_ = 0;
  int failed_flushes_ = 0;
  FaultyFileSystem files_;
  WholeStore store_;
};

class EveryCallTest : public testing::TestWithParam<std::tuple<StoreShape, FaultKind>> {
 protected:
  const test::CapturedLog log_;
};

TEST_P(EveryCallTest, LosesAndDoublesNothingAndGoesOn) {
  const auto& [shape, kind] = GetParam();
  Scenario whole(shape);
  whole.Run();
  const int calls = whole.files().calls(kind.op);
  int runs = 0;
  for (int n = 0; n < calls && !HasFailure(); n += Stride(shape), ++runs) {
    SCOPED_TRACE(std::string(kind.name) + " at call " + std::to_string(n));
    Scenario scenario(shape);
    kind.arm(scenario.files(), n);
    scenario.Run();
    if (kind.crash != nullptr) {
      scenario.RestartAfter(kind.crash);
    } else if (kind.once) {
      EXPECT_LE(scenario.refused(), 1) << "pushes do not recover from one failure";
      EXPECT_LE(scenario.failed_flushes(), 1) << "flushes do not recover from one failure";
    }
    if (HasFatalFailure()) break;
    scenario.Recover();
    if (HasFatalFailure()) break;
    scenario.RestartAfter(Torn(0));
  }
  std::cout << "faults: " << kind.name << " (" << shape.name << "): " << runs << " runs, of "
            << calls << " calls\n";
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryCallTest,
                         testing::Combine(testing::Values(test::kSmallStore, test::kRichStore),
                                          testing::ValuesIn(FaultKinds())),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param).name) + "_" +
                                  std::get<1>(info.param).name;
                         });

}  // namespace
}  // namespace skald
