#include "common/cancellable_sort.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/matchers.h"

namespace skald {
namespace {

using test::HasCode;
using test::IsOk;

std::vector<std::string> NumberedTexts(size_t count) {
  std::mt19937_64 random(count);
  std::vector<std::string> texts;
  for (size_t i = 0; i < count; ++i) {
    texts.push_back("some text of more than a few bytes " + std::to_string(random() % count));
  }
  return texts;
}

TEST(CancellableSortTest, SortsAnyNumberOfElements) {
  for (const size_t count : {size_t{0}, size_t{1}, size_t{1000}, kSortedPerCheck,
                             kSortedPerCheck + 1, 2 * kSortedPerCheck, 5 * kSortedPerCheck + 7}) {
    std::vector<std::string> texts = NumberedTexts(count);
    std::vector<std::string> expected = texts;
    std::ranges::sort(expected);
    ASSERT_THAT(SortUnlessCancelled(texts, CancelToken()), IsOk());
    EXPECT_EQ(texts, expected) << count;
  }
}

TEST(CancellableSortTest, SortsWhatCanOnlyBeMovedByTheOrderGiven) {
  std::vector<std::unique_ptr<int>> numbers;
  const int count = static_cast<int>(3 * kSortedPerCheck);
  for (int i = 0; i < count; ++i) numbers.push_back(std::make_unique<int>(i * 7919 % count));
  const auto greater = [](const auto& a, const auto& b) { return *a > *b; };
  ASSERT_THAT(SortUnlessCancelled(numbers, CancelToken(), greater), IsOk());
  EXPECT_TRUE(std::ranges::is_sorted(numbers, greater));
}

// Wherever it is in its work: few more elements are compared once it is cancelled.
TEST(CancellableSortTest, EndsSoonAfterItIsCancelled) {
  const std::vector<std::string> texts = NumberedTexts(6 * kSortedPerCheck);
  size_t all = 0;
  std::vector<std::string> sorted = texts;
  const auto count_all = [&all](const auto& a, const auto& b) { return ++all > 0 && a < b; };
  ASSERT_THAT(SortUnlessCancelled(sorted, CancelToken(), count_all), IsOk());
  for (size_t at = 1; at < all; at += all / 20) {
    CancelToken cancel;
    size_t compared = 0;
    const auto less = [&](const std::string& a, const std::string& b) {
      if (++compared == at) cancel.Cancel();
      return a < b;
    };
    sorted = texts;
    const Status status = SortUnlessCancelled(sorted, cancel, less);
    // No more than sorting one run takes; in the last of them it may be done before it looks.
    EXPECT_LT(compared, at + 20 * kSortedPerCheck) << at;
    if (!status.ok()) {
      EXPECT_THAT(status, HasCode(StatusCode::kCancelled));
    } else {
      EXPECT_GT(at, all - kSortedPerCheck);
    }
  }
}

}  // namespace
}  // namespace skald
