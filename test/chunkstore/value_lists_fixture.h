#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/index/value_lists.h"
#include "common/executor.h"
#include "common/text_list.h"
#include "support/matchers.h"

namespace skald::chunkstore {

// In order, with room for one more.
inline TextList Many(char first) {
  TextList list;
  list.Reserve(ValueLists::kMinValues + 1);
  for (size_t i = 0; i < ValueLists::kMinValues; ++i) list.Add(first + std::to_string(100'000 + i));
  return list;
}

inline size_t BytesOfKept() { return Many('a').Share().MemoryBytes(); }

// More than a list takes in.
inline std::vector<std::string> TooMany() {
  std::vector<std::string> values;
  for (size_t i = 0; i <= ValueLists::kMinValues / ValueLists::kKeptPerNew; ++i) {
    values.push_back("z" + std::to_string(i));
  }
  return values;
}

inline void Change(ValueLists& lists, const std::set<std::string>& keys,
                   const std::vector<std::string>& values) {
  lists.Changed(keys, [&](std::string_view) {
    return std::vector<std::string_view>(values.begin(), values.end());
  });
}

inline std::optional<TextList> Get(ValueLists& lists, const std::string& key,
                                   ValueLists::Moment moment, Executor* workers = nullptr) {
  auto list = lists.Get(key, moment, CancelToken(), workers);
  EXPECT_THAT(list, test::IsOk());
  return *std::move(list);
}

// Lists, and room for two.
class ValueListsTest : public testing::Test {
 protected:
  void Put(const std::string& key, ValueLists::Moment moment) {
    TextList list = Many(key[0]);
    lists_.Put(key, moment, list);
  }
  bool Has(const std::string& key) {
    const auto list = Get(lists_, key, lists_.At());
    if (list) {
      EXPECT_EQ((*list)[0], key.substr(0, 1) + "100000");
    }
    return list.has_value();
  }
  // Forgets them.
  void DropByChange(const std::set<std::string>& keys) { Change(lists_, keys, TooMany()); }

  const size_t one_bytes_ = BytesOfKept();
  ValueLists lists_{2 * one_bytes_ + one_bytes_ / 2};
};

}  // namespace skald::chunkstore
