#include "notify/write_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "notify/write_request_reader.h"
#include "support/matchers.h"

namespace skald::notify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(WriteRequestTest, ReadsBackAsWhatWasGiven) {
  const std::vector<Sample> samples = {
      {.labels = {{"__name__", "a"}, {"x", "1"}}, .time_ms = 1'700'000'000'000, .value = 0.5},
      {.labels = {{"__name__", "b"}}, .time_ms = -5, .value = -1},
  };
  EXPECT_EQ(ReadWriteRequest(EncodeWriteRequest(samples)), samples);
}

TEST(WriteRequestTest, JoinsTheSamplesOfASeries) {
  const Sample a1{.labels = {{"__name__", "a"}}, .time_ms = 1, .value = 1};
  const Sample b1{.labels = {{"__name__", "b"}}, .time_ms = 1, .value = 2};
  const Sample a2{.labels = {{"__name__", "a"}}, .time_ms = 2, .value = 3};
  EXPECT_THAT(ReadWriteRequest(EncodeWriteRequest(std::vector{a1, b1, a2})),
              ElementsAre(a1, a2, b1));
}

TEST(WriteRequestTest, IsTheBytesThatPrometheusWrites) {
  std::string packed =
      EncodeWriteRequest(std::vector<Sample>{{.labels = {{"n", "v"}}, .time_ms = 300, .value = 1}});
  std::string raw;
  ASSERT_THAT(Decompress(Codec::kSnappy, packed, 1000, raw), test::IsOk());
  EXPECT_EQ(raw, std::string("\x0a\x16\x0a\x06\x0a\x01n\x12\x01v\x12\x0c\x09\0\0\0\0\0\0\xf0\x3f"
                             "\x10\xac\x02",
                             24));
}

TEST(WriteRequestTest, MayBeEmpty) {
  EXPECT_THAT(ReadWriteRequest(EncodeWriteRequest({})), IsEmpty());
}

}  // namespace
}  // namespace skald::notify
