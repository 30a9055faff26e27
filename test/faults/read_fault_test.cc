#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "faults/captured_log.h"
#include "faults/line_pusher.h"
#include "faults/store_lines.h"
#include "faults/whole_store.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

// Queries of which each call to the disk fails in turn: what they cannot read they tell of, and the
// next query, of a disk that is well again, has all of it.
namespace skald {
namespace {

using test::FaultyFileSystem;
using test::IsOk;
using test::StoreLine;
using test::StoreShape;
using test::WholeStore;
using Op = FaultyFileSystem::Op;

// How many calls fail, from one on.
struct Failures {
  const char* name;
  int times;
};

class ReadFaultTest : public testing::TestWithParam<std::tuple<StoreShape, Failures>> {
 protected:
  // Lines in fresh and in compacted packs and in the log.
  void SetUp() override {
    FaultyFileSystem files;
    WholeStore store(files, shape_);
    ASSERT_THAT(store.Open(), IsOk());
    for (int flush = 0; flush < 2; ++flush) {
      ASSERT_THAT(pushed_.Push(store, 3), IsOk());
      ASSERT_THAT(store.Flush(), IsOk());
    }
    ASSERT_THAT(store.Compact(), IsOk());
    store.Close();
    ASSERT_THAT(store.Open(), IsOk());
    ASSERT_THAT(pushed_.Push(store), IsOk());
    ASSERT_THAT(store.Flush(), IsOk());
    ASSERT_THAT(pushed_.Push(store), IsOk());
    sound_ = files.Contents();
    files.Kill();
  }

  // A query of which the calls from the n-th on fail; false if it makes fewer.
  bool Try(int n, const WholeStore::Search& search, const std::set<StoreLine>& wanted) {
    FaultyFileSystem files;
    for (const auto& [path, bytes] : sound_) files.Put(path, bytes);
    WholeStore store(files, shape_);
    EXPECT_THAT(store.Open(), IsOk());
    if (!store.is_open()) return false;
    const int before = files.calls(Op::kAny);
    files.Inject({.op = Op::kAny, .after = n, .times = failures_.times});
    const auto answer = store.Read(search);
    if (files.calls(Op::kAny) - before <= n) return false;
    if (answer.ok()) {
      const size_t missing = Missing(*answer, wanted);
      EXPECT_TRUE(missing == 0 || !answer->warnings.empty())
          << missing << " lines are missing without a warning";
      short_answers_ += missing > 0 ? 1 : 0;
    } else {
      EXPECT_THAT(answer.status(), test::HasCode(StatusCode::kUnavailable));
      ++errors_;
    }
    files.ClearFaults();
    const auto again = store.Read(search);
    EXPECT_THAT(again, IsOk());
    if (!again.ok()) return true;
    EXPECT_EQ(Missing(*again, wanted), 0u) << "when the disk is well again";
    EXPECT_THAT(again->warnings, testing::IsEmpty());
    return true;
  }

  size_t Missing(const WholeStore::Answer& answer, const std::set<StoreLine>& wanted) {
    EXPECT_THAT(answer.strange, testing::IsEmpty());
    for (const StoreLine& line : answer.lines) EXPECT_EQ(answer.lines.count(line), 1u);
    size_t missing = 0;
    for (const StoreLine& line : wanted) missing += answer.lines.contains(line) ? 0 : 1;
    return missing;
  }

  int TryEachCall(const WholeStore::Search& search, const std::set<StoreLine>& wanted) {
    int n = 0;
    while (!HasFailure() && Try(n, search, wanted)) ++n;
    EXPECT_GT(n, 0);
    return n;
  }

  const StoreShape shape_ = std::get<0>(GetParam());
  const Failures failures_ = std::get<1>(GetParam());
  test::LinePusher pushed_{shape_};
  std::map<std::string, std::string> sound_;
  int errors_ = 0;
  int short_answers_ = 0;
  const test::CapturedLog log_;
};

TEST_P(ReadFaultTest, TellsOfWhatItCouldNotReadAndReadsItTheNextTime) {
  int runs = TryEachCall({}, pushed_.acknowledged());
  if (shape_.rich) {
    const StoreLine line{0, 10};
    runs += TryEachCall({.literals = {{.any_of = {test::LineId(line)}}}, .labels = {}}, {line});
    runs += TryEachCall(
        {.literals = {}, .labels = {{.name = "trace_id", .any_of = {test::LineTrace(line)}}}},
        {line});
  }
  EXPECT_GT(short_answers_ + errors_, 0);
  std::cout << "faults: reads, " << failures_.name << " (" << shape_.name << "): " << runs
            << " runs, " << errors_ << " errors, " << short_answers_ << " short answers\n";
}

INSTANTIATE_TEST_SUITE_P(
    Failures, ReadFaultTest,
    testing::Combine(testing::Values(test::kSmallStore, test::kRichStore),
                     testing::Values(Failures{"EIO", 1},
                                     Failures{"EIO_from_then_on",
                                              std::numeric_limits<int>::max()})),
    [](const auto& info) {
      return std::string(std::get<0>(info.param).name) + "_" + std::get<1>(info.param).name;
    });

}  // namespace
}  // namespace skald
