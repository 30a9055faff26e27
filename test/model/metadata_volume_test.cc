#include "model/metadata_volume.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

namespace skald::model {
namespace {

using Metadata = std::vector<MetadataPair>;

EntryBlock BlockOf(const std::vector<Metadata>& rows) {
  EntryBlockBuilder builder;
  for (size_t i = 0; i < rows.size(); ++i) builder.Append(1 + i, i, "line", rows[i]);
  return builder.Finish();
}

// What each row adds, in their order.
std::vector<uint64_t> VolumesOf(const EntryBlock& block) {
  MetadataVolume volume(block);
  std::vector<uint64_t> bytes;
  for (size_t row = 0; row < block.size(); ++row) bytes.push_back(volume.Add(row));
  return bytes;
}

TEST(MetadataVolumeTest, CountsEachPairAndATextWhenItIsNew) {
  const EntryBlock block =
      BlockOf({{{"node", "n1"}}, {}, {{"node", "n1"}}, {{"node", "n22"}, {"zone", "a"}}});
  EXPECT_EQ(VolumesOf(block), (std::vector<uint64_t>{8 + 4 + 2, 0, 8, 16 + 3 + 4 + 1}));
}

TEST(MetadataVolumeTest, ATextOfSeveralNamesCountsOnce) {
  EXPECT_EQ(VolumesOf(BlockOf({{{"m", "y"}}, {{"n", "y"}}})),
            (std::vector<uint64_t>{8 + 1 + 1, 8 + 1}));
  EXPECT_EQ(VolumesOf(BlockOf({{{"same", "same"}}, {{"other", "same"}}})),
            (std::vector<uint64_t>{8 + 4, 8 + 5}));
}

TEST(MetadataVolumeTest, CountsOnlyWhatTheRowsHave) {
  const EntryBlock block = BlockOf({{{"a", "not looked at"}, {"b", "1"}}, {{"b", "2"}}});
  EXPECT_EQ(MetadataVolume(block).Add(1), 8u + 1 + 1);
}

TEST(MetadataVolumeTest, AgreesWithASetOfTexts) {
  std::mt19937 random(11);
  const auto text = [&](size_t lengths) {
    return std::string(1 + random() % lengths, static_cast<char>('a' + random() % 3));
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::vector<std::pair<std::string, std::string>>> rows(20);
    std::vector<Metadata> views;
    std::set<std::string> texts;
    uint64_t wanted = 0;
    for (auto& row : rows) {
      std::set<std::string> names;
      for (int i = 0; i < 4; ++i) names.insert(text(2));
      for (const std::string& name : names) row.emplace_back(name, text(100));
      Metadata& metadata = views.emplace_back();
      for (const auto& [name, value] : row) {
        metadata.push_back({name, value});
        wanted += 8 + (texts.insert(name).second ? name.size() : 0);
        wanted += texts.insert(value).second ? value.size() : 0;
      }
    }
    const EntryBlock block = BlockOf(views);
    uint64_t sum = 0;
    for (const uint64_t bytes : VolumesOf(block)) sum += bytes;
    ASSERT_EQ(sum, wanted) << "round " << round;
    ASSERT_EQ(MetadataVolume(block).Add(0, block.size()), wanted) << "round " << round;
  }
}

}  // namespace
}  // namespace skald::model
