#include "ruler/state_record.h"

#include <gtest/gtest.h>

#include "ruler/saved_example.h"
#include "support/matchers.h"

namespace skald::ruler {
namespace {

using skald::test::HasCode;
using skald::test::IsOk;
using test::ExampleGroup;

std::string FramesOf(const std::vector<std::string>& names) {
  std::string frames;
  for (const std::string& name : names) {
    AppendStateFrame(frames, 5, EncodeSavedGroup(ExampleGroup(name)));
  }
  return frames;
}

// The groups of whole frames, in their order, as a text.
std::string Read(std::string_view frames) {
  StateFrameReader reader(frames);
  std::string names;
  while (const auto frame = reader.Next()) {
    names += frame->group.has_value() ? frame->group->key.group : "-";
  }
  return names;
}

TEST(StateRecordTest, ReadsBackWhatWasWritten) {
  const std::string bytes = EncodeSavedGroup(ExampleGroup("g"));
  const auto group = DecodeSavedGroup(bytes);
  ASSERT_THAT(group, IsOk());
  EXPECT_EQ(EncodeSavedGroup(*group), bytes);
  EXPECT_EQ(group->key, (GroupKey{"t", "n", "g"}));
  ASSERT_EQ(group->rules.size(), 2u);
  EXPECT_EQ(group->rules[0].rule_labels, (TextMap{{"sev", "page"}}));
  const Alert& alert = group->rules[0].alerts.at(0);
  EXPECT_EQ(alert.labels.Get("pod"), "\xff");
  EXPECT_EQ(alert.annotations, (TextMap{{"summary", "s"}}));
  EXPECT_EQ(alert.value, 1.5);
  EXPECT_EQ(alert.state, AlertState::kFiring);
  EXPECT_EQ(alert.fired_at_ns, -8);
  EXPECT_EQ(alert.last_sent_ns, 11);
}

TEST(StateRecordTest, AFrameIsAsItIsDrawn) {
  std::string frame;
  AppendStateFrame(frame, 1, "");
  EXPECT_EQ(frame, std::string("\xf5"
                               "ALT\x08\0\0\0\x0b\x1f\x3e\xec\x01\0\0\0\0\0\0\0",
                               20));
  StateFrameReader reader(frame);
  const auto read = reader.Next();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->time_ns, 1);
  EXPECT_FALSE(read->group.has_value());
}

TEST(StateRecordTest, OfAFileThatIsCutAnywhereTheWholeFramesAreRead) {
  const std::string frames = FramesOf({"a", "b", "c"});
  const size_t one = FramesOf({"a"}).size();
  for (size_t length = 0; length <= frames.size(); ++length) {
    StateFrameReader reader(std::string_view(frames).substr(0, length));
    size_t read = 0;
    while (reader.Next().has_value()) ++read;
    EXPECT_EQ(read, length / one) << length;
    EXPECT_EQ(reader.damaged_bytes(), length % one) << length;
  }
}

TEST(StateRecordTest, OneDamagedByteCostsOneFrame) {
  const std::string frames = FramesOf({"a", "b", "c"});
  const size_t one = FramesOf({"a"}).size();
  for (size_t i = 0; i < frames.size(); ++i) {
    std::string damaged = frames;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x11);
    const char* const left[] = {"bc", "ac", "ab"};
    EXPECT_EQ(Read(damaged), left[i / one]) << "byte " << i;
  }
}

TEST(StateRecordTest, RefusesAGroupThatIsDamagedUnderARightChecksum) {
  const std::string bytes = EncodeSavedGroup(ExampleGroup("g"));
  for (size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_THAT(DecodeSavedGroup(bytes.substr(0, i)), HasCode(StatusCode::kDataLoss)) << i;
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x11);
    (void)DecodeSavedGroup(damaged).ok();
  }
  std::string frames;
  AppendStateFrame(frames, 5, "no group");
  EXPECT_EQ(Read(frames + FramesOf({"a"})), "a");
}

}  // namespace
}  // namespace skald::ruler
