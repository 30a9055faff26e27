#include "model/series_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/matchers.h"

namespace skald::model {
namespace {

using test::HasCode;
using test::IsOk;

std::vector<Labels> All(const SeriesList& list) { return {list.begin(), list.end()}; }

// Names and values of few bytes, which are prefixes of each other, and have zeroes and ones.
std::vector<Labels> RandomSeries(size_t count) {
  std::mt19937_64 random(count);
  const auto text = [&random] {
    std::string text(random() % 4, 'x');
    for (char& c : text) c = "\0\1\2a\xff"[random() % 5];
    return text;
  };
  std::vector<Labels> series;
  while (series.size() < count) {
    std::vector<std::string> texts;
    for (size_t i = 2 * (random() % 4); i > 0; --i) texts.push_back(text());
    std::vector<LabelView> views;
    for (size_t i = 0; i < texts.size(); i += 2) views.push_back({texts[i], texts[i + 1]});
    series.push_back(Labels(views));
  }
  return series;
}

TEST(SeriesListTest, GivesLabelsBackAsTheyAre) {
  SeriesList list;
  std::vector<Labels> series = RandomSeries(5000);
  series.push_back({{"app", std::string(70'000, 'x')}, {"empty", ""}});
  series.push_back({});
  for (const Labels& labels : series) list.Add(labels);
  EXPECT_EQ(All(list), series);
  EXPECT_EQ(list.size(), series.size());
  EXPECT_EQ(list.front(), series.front());
}

TEST(SeriesListTest, HasTheOrderOfLabels) {
  std::vector<Labels> series = RandomSeries(20'000);
  SeriesList list;
  SeriesList more;
  for (size_t i = 0; i < series.size(); ++i) (i % 3 == 0 ? list : more).Add(series[i]);
  ASSERT_THAT(list.SortUnique(), IsOk());
  ASSERT_THAT(more.SortUnique(), IsOk());
  ASSERT_THAT(list.Unite(std::move(more)), IsOk());
  std::ranges::sort(series);
  series.erase(std::unique(series.begin(), series.end()), series.end());
  EXPECT_EQ(All(list), series);
}

TEST(SeriesListTest, IsReadLabelByLabel) {
  SeriesList list;
  list.Add({{"a", std::string("1\0\1", 3)}, {"b", "2"}});
  list.Add({});
  SeriesList::Reader reader(list, 0);
  LabelView label;
  ASSERT_TRUE(reader.Next(label));
  EXPECT_EQ(label, (LabelView{"a", std::string_view("1\0\1", 3)}));
  ASSERT_TRUE(reader.Next(label));
  EXPECT_EQ(label, (LabelView{"b", "2"}));
  EXPECT_FALSE(reader.Next(label));
  EXPECT_FALSE(SeriesList::Reader(list, 1).Next(label));
}

TEST(SeriesListTest, EndsWhenItIsCancelled) {
  CancelToken cancel;
  cancel.Cancel();
  SeriesList list;
  for (const Labels& labels : RandomSeries(100)) list.Add(labels);
  EXPECT_THAT(list.SortUnique(cancel), HasCode(StatusCode::kCancelled));
  SeriesList one;
  one.Add({{"a", "1"}});
  SeriesList other;
  other.Add({{"a", "2"}});
  EXPECT_THAT(one.Unite(std::move(other), cancel), HasCode(StatusCode::kCancelled));
}

}  // namespace
}  // namespace skald::model
