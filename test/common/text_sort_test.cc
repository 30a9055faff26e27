#include "common/text_sort.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/matchers.h"

namespace skald {
namespace {

using test::IsOk;

// TextStore as they lie in a TextList, and places of all of them.
class TextStore {
 public:
  explicit TextStore(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      std::vector<char>& bytes =
          bytes_.emplace_back(kTextLengthBytes + text.size() + kTextSlackBytes);
      const auto length = static_cast<uint32_t>(text.size());
      std::memcpy(bytes.data(), &length, sizeof length);
      std::memcpy(bytes.data() + kTextLengthBytes, text.data(), text.size());
    }
  }
  TextPlaces Places() const {
    TextPlaces places;
    for (const std::vector<char>& bytes : bytes_) places.push_back(bytes.data());
    return places;
  }

 private:
  std::vector<std::vector<char>> bytes_;
};

std::vector<std::string> At(const TextPlaces& places) {
  std::vector<std::string> texts;
  for (const TextPlace place : places) texts.emplace_back(TextAt(place));
  return texts;
}

// As few as are compared, and as many as are dealt out, by this thread and by several: texts that
// end early, that are the same for long, and each of them often.
TEST(TextSortPropertyTest, KeepsOrDropsRepeats) {
  std::mt19937 random(3);
  Executor workers("work", 2);
  for (const size_t count : {0u, 1u, 10u, 2'000u, 60'000u}) {
    for (const size_t distinct : {1u, 5u, 700u, 1'000'000u}) {
      std::vector<std::string> texts;
      for (size_t i = 0; i < count; ++i) {
        const size_t number = random() % distinct;
        const std::string front(number % 4 == 0 ? 600 : number % 3, 'x');
        texts.push_back(front + (number % 5 == 0 ? "" : std::to_string(number)));
      }
      const TextStore all(texts);
      TextPlaces kept = all.Places();
      const TextPlaces before = kept;
      ASSERT_THAT(SortAllTexts(kept, CancelToken(), &workers), IsOk());
      std::ranges::sort(texts);
      EXPECT_EQ(At(kept), texts) << count << " of " << distinct;
      EXPECT_EQ(std::set(kept.begin(), kept.end()), std::set(before.begin(), before.end()));
      TextPlaces alone = all.Places();
      ASSERT_THAT(SortAllTexts(alone, CancelToken()), IsOk());
      EXPECT_EQ(At(alone), texts) << count << " of " << distinct;
      ASSERT_THAT(SortTexts(kept, CancelToken(), &workers), IsOk());
      texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
      EXPECT_EQ(At(kept), texts) << count << " of " << distinct;
    }
  }
}

}  // namespace
}  // namespace skald
