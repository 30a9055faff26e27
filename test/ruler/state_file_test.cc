#include "ruler/state_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "ruler/saved_example.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::ruler {
namespace {

using skald::test::FaultyFileSystem;
using skald::test::HasCode;
using skald::test::IsOk;
using test::ExampleGroup;
using testing::Pair;
using testing::UnorderedElementsAre;
using Op = FaultyFileSystem::Op;

constexpr const char* kPath = "/s/ruler-state";

SavedGroup Gone(const std::string& name) { return {.key = {"t", "n", name}, .rules = {}}; }

class StateFileTest : public testing::Test {
 protected:
  StateFileTest() { EXPECT_THAT(files_.MakeDirs("/s"), IsOk()); }

  // What the next process finds: of each group the value of its alert, and its time.
  using Found = std::map<std::string, std::pair<double, int64_t>>;
  Found Find() {
    StateFile file(files_, "/s");
    const auto loaded = file.Load();
    EXPECT_THAT(loaded, IsOk());
    Found found;
    if (!loaded.ok()) return found;
    damaged_bytes_ = loaded->damaged_bytes;
    for (const SavedGroup& group : loaded->groups) {
      found[group.key.group] = {group.rules.at(0).alerts.at(0).value, group.saved_at_ns};
    }
    return found;
  }

  size_t Size() { return files_.Contents()[kPath].size(); }

  FaultyFileSystem files_;
  StateFile file_{files_, "/s"};
  uint64_t damaged_bytes_ = 0;  // That Find has found.
};

TEST_F(StateFileTest, TheLastStateOfAGroupCounts) {
  ASSERT_THAT(file_.Load(), IsOk());
  ASSERT_THAT(file_.Save({ExampleGroup("a", 1), ExampleGroup("b", 2)}, 100), IsOk());
  ASSERT_THAT(file_.Save({ExampleGroup("a", 3), ExampleGroup("c", 4)}, 200), IsOk());
  ASSERT_THAT(file_.Save({Gone("b")}, 300), IsOk());
  EXPECT_THAT(Find(), UnorderedElementsAre(Pair("a", Pair(3, 300)), Pair("c", Pair(4, 300))));
}

TEST_F(StateFileTest, WritesNothingWhereThereAreNoAlerts) {
  ASSERT_THAT(file_.Load(), IsOk());
  ASSERT_THAT(file_.Save({Gone("a")}, 100), IsOk());
  ASSERT_THAT(file_.Save({}, 200), IsOk());
  EXPECT_TRUE(files_.Contents().empty());
}

TEST_F(StateFileTest, WritesWhatHasChangedAlone) {
  std::vector<SavedGroup> groups;
  for (int i = 0; i < 100; ++i) groups.push_back(ExampleGroup("g" + std::to_string(i)));
  ASSERT_THAT(file_.Save(groups, 100), IsOk());
  const size_t all = Size();
  groups[7] = ExampleGroup("g7", 2);
  ASSERT_THAT(file_.Save(groups, 200), IsOk());
  EXPECT_LT(Size() - all, all / 50);
  EXPECT_EQ(Find()["g7"].first, 2);
}

TEST_F(StateFileTest, ThatAlertsStandAsTheyDidIsAFewBytesAndNoWait) {
  ASSERT_THAT(file_.Save({ExampleGroup("a", 1)}, 100), IsOk());
  const size_t before = Size();
  const int syncs = files_.calls(Op::kSync);
  ASSERT_THAT(file_.Save({ExampleGroup("a", 1)}, 200), IsOk());
  EXPECT_EQ(Size() - before, 20u);
  ASSERT_THAT(file_.Save({}, 200), IsOk());
  EXPECT_EQ(Size() - before, 20u);  // Nor is a time written twice.
  EXPECT_EQ(files_.calls(Op::kSync), syncs);
  files_.Kill();
  EXPECT_THAT(Find(), UnorderedElementsAre(Pair("a", Pair(1, 200))));
}

TEST_F(StateFileTest, AGroupThatNobodyHasTakenUpKeepsItsTime) {
  ASSERT_THAT(file_.Save({ExampleGroup("a", 1), ExampleGroup("b", 2)}, 100), IsOk());
  StateFile next(files_, "/s");
  ASSERT_THAT(next.Load(), IsOk());
  ASSERT_THAT(next.Save({ExampleGroup("a", 1)}, 200), IsOk());
  EXPECT_THAT(Find(), UnorderedElementsAre(Pair("a", Pair(1, 200)), Pair("b", Pair(2, 100))));
  ASSERT_THAT(next.Save({}, 300), IsOk());
  EXPECT_THAT(Find(), UnorderedElementsAre(Pair("a", Pair(1, 300)), Pair("b", Pair(2, 100))));
}

TEST_F(StateFileTest, IsReplacedOnceItHasGrown) {
  ASSERT_THAT(file_.Save({ExampleGroup("a")}, 1), IsOk());
  size_t largest = 0;
  bool shrunk = false;
  for (int i = 2; i < 3000; ++i) {
    ASSERT_THAT(file_.Save({ExampleGroup("a", i)}, i), IsOk());
    shrunk = shrunk || Size() < largest;
    largest = std::max(largest, Size());
  }
  EXPECT_TRUE(shrunk);
  EXPECT_LE(largest, size_t{64} << 10);
  EXPECT_THAT(Find(), UnorderedElementsAre(Pair("a", Pair(2999, 2999))));
  EXPECT_EQ(files_.Contents().size(), 1u);
}

TEST_F(StateFileTest, OfAFileThatIsCutAnywhereTheRestIsKept) {
  ASSERT_THAT(file_.Save({ExampleGroup("a", 1)}, 100), IsOk());
  const size_t first = Size();
  ASSERT_THAT(file_.Save({ExampleGroup("b", 2)}, 200), IsOk());
  const std::string bytes = files_.Contents()[kPath];
  for (size_t length = 0; length <= bytes.size(); ++length) {
    files_.Put(kPath, bytes.substr(0, length));
    const Found found = Find();
    EXPECT_EQ(found.size(), (length >= first ? 1u : 0u) + (length == bytes.size() ? 1u : 0u));
    EXPECT_EQ(damaged_bytes_ > 0, length != first && length != bytes.size() && length != 8)
        << length;
  }
}

TEST_F(StateFileTest, ADamagedFileIsReplaced) {
  ASSERT_THAT(file_.Save({ExampleGroup("a", 1), ExampleGroup("b", 2)}, 100), IsOk());
  for (size_t i = 0; i < Size(); ++i) {
    const std::string bytes = files_.Contents()[kPath];
    files_.FlipByte(kPath, i, 0x11);
    StateFile next(files_, "/s");
    const auto loaded = next.Load();
    ASSERT_THAT(loaded, IsOk());
    EXPECT_GT(loaded->damaged_bytes, 0u) << i;
    EXPECT_EQ(loaded->groups.size(), i < kStateMagic.size() ? 2u : 1u) << i;
    ASSERT_THAT(next.Save({}, 200), IsOk());
    Find();
    EXPECT_EQ(damaged_bytes_, 0u) << i;
    files_.Put(kPath, bytes);
  }
}

TEST_F(StateFileTest, AfterAnErrorTheNextCallWritesAll) {
  ASSERT_THAT(file_.Save({ExampleGroup("a", 1)}, 100), IsOk());
  for (const Op op : {Op::kAppend, Op::kSync}) {
    files_.Inject({.op = op, .code = StatusCode::kResourceExhausted, .short_bytes = 30});
    EXPECT_THAT(file_.Save({ExampleGroup("a", 2)}, 200), HasCode(StatusCode::kResourceExhausted));
    ASSERT_THAT(file_.Save({}, 300), IsOk());
    files_.Crash();
    EXPECT_THAT(Find(), UnorderedElementsAre(Pair("a", Pair(2, 300))));
    EXPECT_EQ(damaged_bytes_, 0u);
    ASSERT_THAT(file_.Save({ExampleGroup("a", 1)}, 100), HasCode(StatusCode::kUnavailable));
    ASSERT_THAT(file_.Save({}, 100), IsOk());
  }
}

// Saves a first and a second value, over and over, until the disk fails.
TEST_F(StateFileTest, WhatWasSavedOutlivesAPowerFailureAtAnyCall) {
  bool failed = true;
  for (int calls = 0; failed; ++calls) {
    FaultyFileSystem files;
    ASSERT_THAT(files.MakeDirs("/s"), IsOk());
    StateFile file(files, "/s");
    ASSERT_THAT(file.Load(), IsOk());
    files.FailFromCall(calls);
    double saved = 0;
    for (int value = 1; value <= 3; ++value) {
      if (file.Save({ExampleGroup("a", value)}, value).ok()) saved = value;
    }
    failed = files.failing();
    files.Crash(calls % 50);
    files.ClearFaults();
    StateFile next(files, "/s");
    const auto loaded = next.Load();
    ASSERT_THAT(loaded, IsOk());
    const double found =
        loaded->groups.empty() ? 0 : loaded->groups[0].rules.at(0).alerts.at(0).value;
    EXPECT_GE(found, saved) << "call " << calls;
  }
}

TEST_F(StateFileTest, TakesUpTheFileOfTheFirstVersion) {
  const std::string json =
      R"({"version":1,"saved_at":9,"groups":[{"tenant":"t","namespace":"n","group":"old",)"
      R"("rules":[{"rule":"A","labels":{},"alerts":[{"labels":{"alertname":"A"},)"
      R"("annotations":{},"value":"4","state":1,"active_at":7,"fired_at":0,"resolved_at":0,)"
      R"("keep_firing_since":0,"last_sent":0}]}]}]})";
  files_.Put("/s/ruler-state.json", json);
  ASSERT_THAT(file_.Load(), IsOk());
  ASSERT_THAT(file_.Save({ExampleGroup("a", 1)}, 100), IsOk());
  EXPECT_THAT(Find(), UnorderedElementsAre(Pair("a", Pair(1, 100)), Pair("old", Pair(4, 9))));
  EXPECT_EQ(files_.Contents().size(), 1u);
  files_.Put("/s/ruler-state.json", "{");  // As if its removal had been lost.
  EXPECT_EQ(Find().size(), 2u);
}

TEST_F(StateFileTest, AFileThatCannotBeReadIsReplacedByTheFirstChange) {
  files_.Put("/s/ruler-state.json", "{");
  EXPECT_THAT(file_.Load(), HasCode(StatusCode::kDataLoss));
  ASSERT_THAT(file_.Save({}, 100), IsOk());
  EXPECT_TRUE(Find().empty());
  files_.Inject({.op = Op::kReadAll, .path_contains = kPath});
  StateFile next(files_, "/s");
  EXPECT_THAT(next.Load(), HasCode(StatusCode::kUnavailable));
}

}  // namespace
}  // namespace skald::ruler
