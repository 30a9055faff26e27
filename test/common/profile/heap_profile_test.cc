#include "common/profile/heap_profile.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/matchers.h"

namespace skald {
namespace {

using test::HasCode;
using test::IsOk;

constexpr std::string_view kDump =
    "heap_v2/524288\n"
    "  t*: 3: 5242944 [4: 5242960]\n"
    "  t0: 3: 5242944 [4: 5242960]\n"
    "@ 0x7fe4bdca2630 0xa1\n"
    "  t*: 1: 524288000 [2: 1048576000]\n"
    "  t0: 1: 524288000 [2: 1048576000]\n"
    "@ 0x10\n"
    "  t*: 2: 128 [0: 0]\n"
    "\n"
    "MAPPED_LIBRARIES:\n"
    "560f5c753000-560f5c754000 r--p 00000000 fe:00 9978097 /x/@ 0x1\n";

TEST(HeapProfileTest, ReadsStacksAndFigures) {
  const auto profile = ParseHeapDump(kDump);
  ASSERT_THAT(profile, IsOk());
  ASSERT_EQ(profile->samples.size(), 2u);
  EXPECT_EQ(profile->period, 524288);
  EXPECT_EQ(profile->value_types[3].type, "inuse_space");
  EXPECT_EQ(profile->samples[0].stack, (std::vector<uintptr_t>{0x7fe4bdca2630, 0xa1}));
  EXPECT_EQ(profile->samples[0].values, (std::vector<int64_t>{2, 1048576000, 1, 524288000}));
}

TEST(HeapProfileTest, CountsSmallObjectsForThoseThatWereNotSampled) {
  const auto profile = ParseHeapDump(kDump);
  ASSERT_THAT(profile, IsOk());
  const std::vector<int64_t>& values = profile->samples[1].values;
  EXPECT_EQ(values[0], 0);
  EXPECT_NEAR(static_cast<double>(values[2]), 2 * 524288.0 / 64, 10);
  EXPECT_EQ(values[3] / values[2], 64);
}

TEST(HeapProfileTest, RefusesWhatIsNoDump) {
  EXPECT_THAT(ParseHeapDump(""), HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(ParseHeapDump("heap_v2/0\n"), HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(ParseHeapDump("heap_v2/9\n@ 0x1\n  t*: 1: x [0: 0]\n"),
              HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(ParseHeapDump("heap_v2/9\n@ 0x1\n  t*: 99999999999999999: 1 [0: 0]\n"),
              HasCode(StatusCode::kDataLoss));
}

TEST(HeapProfileTest, SurvivesDamageOfEveryByteAndEveryCut) {
  for (size_t i = 0; i < kDump.size(); ++i) {
    std::string damaged(kDump);
    damaged[i] = static_cast<char>(damaged[i] ^ 0x11);
    for (const std::string& text : {damaged, damaged.substr(0, i)}) {
      const auto profile = ParseHeapDump(text);
      if (!profile.ok()) continue;
      for (const Profile::Sample& sample : profile->samples) {
        EXPECT_EQ(sample.values.size(), 4u);
      }
    }
  }
}

TEST(HeapProfileTest, SaysHowToSwitchItOn) {
  const auto profile = CollectHeapProfile(SystemClock());
  EXPECT_THAT(profile, HasCode(StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace skald
