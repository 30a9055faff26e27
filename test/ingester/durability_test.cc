#include <functional>
#include <set>

#include "ingester_fixture.h"

// The promise: what was acknowledged is there, once, whatever call to the file system or the store
// was the last before the power failed.
namespace skald::ingester {
namespace {

using test::FaultyFileSystem;
using test::IsOk;
using Op = FaultyFileSystem::Op;

class DurabilityTest : public IngesterFixture {
 protected:
  struct Failure {
    Op op;
    StatusCode code;
    int after;
    size_t short_bytes;
  };

  // A run of pushes and flushes. `acknowledged` and `refused` get the lines pushed to both
  // streams by what became of them.
  void Run() {
    for (int i = 0; i < 40; ++i) {
      const std::string line = "line " + std::to_string(++lines_) + std::string(150, 'x');
      const bool ok = Push({{kA, {{lines_, line}}}, {kB, {{-lines_, line}}}}).ok();
      (ok ? acknowledged_ : refused_).insert(line);
      if (files_.failing()) return;
      // Failures of a flush are for later rounds to repair.
      if (i % 13 == 12) (void)ingester_->Flush();
      if (i % 9 == 8) (void)ingester_->FlushDue();
    }
  }

  // What was acknowledged is there once; what was refused is there once or not at all.
  void Check(const std::string& what) {
    const EntriesByStream all = Union();
    for (const model::Labels* labels : {&kA, &kB}) {
      const auto it = all.find(labels->ToString());
      std::multiset<std::string> lines;
      if (it != all.end()) {
        for (const TestEntry& entry : it->second) lines.insert(entry.line);
      }
      for (const std::string& line : acknowledged_) {
        ASSERT_EQ(lines.count(line), 1u) << what << ": " << line;
      }
      for (const std::string& line : lines) {
        ASSERT_EQ(lines.count(line), 1u) << what << ": " << line;
        ASSERT_TRUE(acknowledged_.contains(line) || refused_.contains(line))
            << what << ": " << line;
      }
    }
  }

  int64_t lines_ = 0;
  std::set<std::string> acknowledged_;
  std::set<std::string> refused_;
};

// Every call of a kind, in turn, fails, and the machine goes down when the run is over; and once
// more with the power failing in that very call, so that nothing later has an effect.
class DurabilityOfOp : public DurabilityTest, public testing::WithParamInterface<Op> {};

TEST_P(DurabilityOfOp, LosesAndDoublesNothingWhenACallFails) {
  for (const StatusCode code : {StatusCode::kUnavailable, StatusCode::kResourceExhausted}) {
    Open();
    const int before = files_.calls(GetParam());
    Run();
    const int calls = files_.calls(GetParam()) - before;
    for (int after = 0; after < calls; ++after) {
      const std::string what = "call " + std::to_string(after);
      files_.Inject({.op = GetParam(), .code = code, .after = after, .short_bytes = 20});
      Run();
      CrashAndOpen();
      ASSERT_NO_FATAL_FAILURE(Check(what));
    }
  }
}

TEST_P(DurabilityOfOp, LosesAndDoublesNothingWhenThePowerFails) {
  Open();
  const int before = files_.calls(GetParam());
  Run();
  const int calls = files_.calls(GetParam()) - before;
  for (int after = 0; after < calls; ++after) {
    for (const uint64_t torn_bytes : {0, 10, 200}) {
      const std::string what =
          "call " + std::to_string(after) + ", torn at " + std::to_string(torn_bytes);
      files_.Inject(
          {.op = GetParam(), .after = after, .times = 1 << 20, .short_bytes = torn_bytes});
      Run();
      files_.Crash(torn_bytes);
      files_.ClearFaults();
      Open();
      ASSERT_NO_FATAL_FAILURE(Check(what));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ops, DurabilityOfOp,
                         testing::Values(Op::kCreate, Op::kAppend, Op::kSync, Op::kReserve,
                                         Op::kTruncate, Op::kClose, Op::kRemove, Op::kSyncDir));

TEST_F(DurabilityTest, LosesAndDoublesNothingWhenThePowerFailsAtAnyCall) {
  sink_.before_store = [this] {
    return files_.failing() ? Unavailable("the power has failed") : Status();
  };
  bool failed = true;
  for (int calls = 0; failed; ++calls) {
    files_.FailFromCall(calls);
    if (TryOpen().ok()) Run();
    failed = files_.failing();
    files_.Crash(calls % 3 == 0 ? 0 : 50 * (calls % 7));
    files_.ClearFaults();
    Open();
    ASSERT_NO_FATAL_FAILURE(Check("call " + std::to_string(calls)));
    // Keeps the log, and so the number of calls that it takes to open it, from growing.
    if (calls % 3 == 0) {
      ASSERT_THAT(ingester_->Flush(), IsOk());
    }
  }
}

TEST_F(DurabilityTest, LosesAndDoublesNothingWhenThePowerFailsAroundTheStoresCommit) {
  Open();
  for (const bool committed : {false, true}) {
    for (int after = 0; after < 4; ++after) {
      int stores = 0;
      const auto fail = [&] {
        if (++stores <= after) return Status();
        return Unavailable("the power failed");
      };
      sink_.before_store = committed ? std::function<Status()>() : fail;
      sink_.after_store = committed ? fail : std::function<Status()>();
      Run();
      sink_.before_store = nullptr;
      sink_.after_store = nullptr;
      CrashAndOpen();
      ASSERT_NO_FATAL_FAILURE(Check("store " + std::to_string(after)));
    }
  }
}

TEST_F(DurabilityTest, LosesNothingToTheDeathOfTheProcessWithoutSync) {
  options_.wal.sync = false;
  Open();
  for (int round = 0; round < 5; ++round) {
    Run();
    files_.Kill();
    Open();
    ASSERT_NO_FATAL_FAILURE(Check("round " + std::to_string(round)));
  }
}

TEST_F(DurabilityTest, RecoversByItselfWhenThereIsRoomAgain) {
  options_.wal.disk_full_threshold = 1;
  Open();
  files_.SetCapacity(3'000);
  Run();
  EXPECT_FALSE(refused_.empty());
  ASSERT_NO_FATAL_FAILURE(Check("full"));
  files_.SetCapacity(1 << 30);
  const size_t refused = refused_.size();
  Run();
  EXPECT_EQ(refused_.size(), refused);
  CrashAndOpen();
  ASSERT_NO_FATAL_FAILURE(Check("recovered"));
}

TEST_F(DurabilityTest, SurvivesAFullDiskAndAPowerFailure) {
  options_.wal.disk_full_threshold = 1;
  for (uint64_t capacity = 1000; capacity < 30'000; capacity += 371) {
    Open();
    files_.SetCapacity(capacity);
    Run();
    files_.Crash(capacity % 100);
    files_.SetCapacity(1 << 30);
    Open();
    ASSERT_NO_FATAL_FAILURE(Check("capacity " + std::to_string(capacity)));
    ASSERT_THAT(ingester_->Flush(), IsOk());
  }
}

}  // namespace
}  // namespace skald::ingester
