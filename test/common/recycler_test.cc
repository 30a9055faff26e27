#include "common/recycler.h"

#include <gtest/gtest.h>

#include <string>

namespace skald {
namespace {

struct Buffer {
  std::string bytes;
  size_t MemoryBytes() const { return bytes.capacity(); }
};

TEST(RecyclerTest, HandsOutAgainWhatWasGivenBackLast) {
  Recycler<Buffer> recycler(2, 1000);
  const Buffer* first = nullptr;
  const Buffer* second = nullptr;
  {
    const auto a = recycler.Take();
    const auto b = recycler.Take();
    first = b.get();  // Let go of before `a`.
    second = a.get();
    ASSERT_NE(first, second);
  }
  const auto a = recycler.Take();
  const auto b = recycler.Take();
  EXPECT_EQ(a.get(), second);
  EXPECT_EQ(b.get(), first);
}

TEST(RecyclerTest, MakesNewObjectsAsItIsTold) {
  Recycler<Buffer> recycler(2, 1000, [] { return std::make_unique<Buffer>(Buffer{"made"}); });
  EXPECT_EQ(recycler.Take()->bytes, "made");
}

TEST(RecyclerTest, KeepsAnObjectUntilItsLastReaderLetsGo) {
  Recycler<Buffer> recycler(2, 1000);
  auto one = recycler.Take();
  const auto reader = one;
  const Buffer* used = one.get();
  one.reset();
  EXPECT_NE(recycler.Take().get(), used);
}

TEST(RecyclerTest, DoesNotKeepLargeObjects) {
  Recycler<Buffer> recycler(2, 1000);
  recycler.Take()->bytes.assign(5000, 'x');
  EXPECT_EQ(recycler.Take()->bytes.capacity(), Buffer().bytes.capacity());
  recycler.Take()->bytes.assign(500, 'x');
  EXPECT_GE(recycler.Take()->bytes.capacity(), 500u);
}

TEST(RecyclerTest, ObjectsMayOutliveIt) {
  std::shared_ptr<Buffer> buffer;
  {
    Recycler<Buffer> recycler(2, 1000);
    buffer = recycler.Take();
  }
  buffer->bytes = "still there";
  EXPECT_EQ(buffer->bytes, "still there");
}

}  // namespace
}  // namespace skald
