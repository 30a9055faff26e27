#include "ingester/wal_record.h"

#include <gtest/gtest.h>

#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/compress.h"
#include "support/matchers.h"

namespace skald::ingester {
namespace {

using model::MetadataPair;
using test::HasCode;
using test::IsOk;

struct Entry {
  int64_t time_ns = 0;
  std::string line;
  std::vector<std::pair<std::string, std::string>> metadata;

  friend bool operator==(const Entry&, const Entry&) = default;
};

std::string Encode(uint64_t first_seq, const std::vector<Entry>& entries) {
  WalEntriesEncoder encoder;
  encoder.Start(first_seq, entries.size());
  std::deque<std::vector<MetadataPair>> pairs;
  for (const Entry& entry : entries) {
    auto& of_entry = pairs.emplace_back();
    for (const auto& [name, value] : entry.metadata) of_entry.push_back({name, value});
    encoder.Add(entry.time_ns, entry.line, of_entry);
  }
  return std::string(encoder.body());
}

std::vector<Entry> Plain(const WalEntries& entries) {
  std::vector<Entry> out;
  for (const model::PushEntry& entry : entries.entries) {
    Entry& plain = out.emplace_back();
    plain.time_ns = entry.time_ns;
    plain.line = entry.line;
    for (uint32_t i = 0; i < entry.metadata_count; ++i) {
      const MetadataPair& pair = entries.metadata[entry.metadata_begin + i];
      plain.metadata.emplace_back(pair.name, pair.value);
    }
  }
  return out;
}

TEST(WalItemReaderTest, ReadsBackWhatWasAppended) {
  const std::vector<Entry> entries = {
      {1'700'000'000'000'000'000, "first", {{"level", "info"}, {"trace", "a"}}},
      {1'699'999'999'000'000'000, "", {{"level", "info"}}},
      {std::numeric_limits<int64_t>::min(), std::string("nul \0 and\nnewline", 17), {}},
      {std::numeric_limits<int64_t>::max(), std::string(100'000, 'x'), {{"trace", ""}}},
      {-1, "last", {{"trace", "a"}, {"level", "warn"}}},
  };
  std::string payload;
  AppendDefinitionItem(payload, {7, "tenant", "labels"});
  AppendEntriesItem(payload, 7, Encode(42, entries));

  WalItemReader reader(payload);
  auto definition = reader.Next();
  ASSERT_THAT(definition, IsOk());
  EXPECT_EQ(std::get<WalDefinition>(**definition).stream, 7u);
  EXPECT_EQ(std::get<WalDefinition>(**definition).tenant, "tenant");
  EXPECT_EQ(std::get<WalDefinition>(**definition).labels, "labels");
  auto item = reader.Next();
  ASSERT_THAT(item, IsOk());
  const WalEntries& read = *std::get<const WalEntries*>(**item);
  EXPECT_EQ(read.stream, 7u);
  EXPECT_EQ(read.first_seq, 42u);
  EXPECT_EQ(Plain(read), entries);
  auto end = reader.Next();
  ASSERT_THAT(end, IsOk());
  EXPECT_FALSE(end->has_value());
}

// Entries of which some lines lie in `text`, as the items of a payload.
std::string PayloadWithText(const std::string& text, const std::vector<std::string_view>& lines) {
  std::string packed;
  Compress(Codec::kSnappy, text, packed);
  WalEntriesEncoder encoder;
  encoder.Start(42, lines.size(), text);
  const MetadataPair pair = {"level", "info"};
  for (const std::string_view line : lines) encoder.Add(5, line, {&pair, 1});
  std::string payload;
  AppendTextItem(payload, 3, packed);
  AppendTextEntriesItem(payload, 7, 3, encoder.body());
  return payload;
}

TEST(WalItemReaderTest, FindsLinesInTheTextBeforeThem) {
  const std::string text = "0123456789" + std::string(500, 'x') + "end";
  const std::string_view view = text;
  const std::string elsewhere = "not in the text";
  const std::vector<std::string_view> lines = {
      view.substr(2, 3), view.substr(1, 400), elsewhere,          view.substr(510),
      view.substr(513),  view.substr(0, 0),   std::string_view(), view};
  const std::string payload = PayloadWithText(text, lines);
  EXPECT_LT(payload.size(), 150u);
  WalItemReader reader(payload);
  auto item = reader.Next();
  ASSERT_THAT(item, IsOk());
  const WalEntries& read = *std::get<const WalEntries*>(**item);
  EXPECT_EQ(read.stream, 7u);
  ASSERT_EQ(read.entries.size(), lines.size());
  for (size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(read.entries[i].line, lines[i]) << i;
}

TEST(WalItemReaderTest, RefusesLinesOutsideOfTheirText) {
  const std::string text = "abcdefgh";
  std::string payload = PayloadWithText(text, {std::string_view(text).substr(4)});
  const auto item = WalItemReader(payload).Next();
  ASSERT_THAT(item, IsOk());
  payload.back() = 5;  // The length of the line, which begins at 4 of 8.
  EXPECT_THAT(WalItemReader(payload).Next(), HasCode(StatusCode::kDataLoss));
  std::string no_text;
  AppendTextEntriesItem(no_text, 7, 3, Encode(42, {{1, "line", {}}}));
  EXPECT_THAT(WalItemReader(no_text).Next(), HasCode(StatusCode::kDataLoss));
}

TEST(WalItemReaderTest, WritesTheBytesThatFormatMdShows) {
  std::string payload;
  const model::Labels labels = {{"a", "b"}};
  AppendDefinitionItem(payload, {1, "t", labels.encoded()});
  AppendEntriesItem(payload, 1, Encode(9, {{3, "hi", {{"level", "info"}}}}));
  EXPECT_EQ(payload, std::string("\x01\x01\x07\x01t\x04\x01"
                                 "a\x01"
                                 "b\x02\x01\x13\x09\x01\x06\x01\x00\x05level\x05info\x02hi",
                                 32));
}

TEST(WalItemReaderTest, ReadsBackHowLongAnEarlierSegmentIs) {
  for (const uint64_t bytes : {uint64_t{0}, uint64_t{300}, std::numeric_limits<uint64_t>::max()}) {
    std::string payload;
    AppendPredecessorItem(payload, {.segment = bytes, .bytes = bytes});
    EXPECT_LE(payload.size(), kMaxPredecessorItemBytes);
    const auto item = WalItemReader(payload).Next();
    ASSERT_THAT(item, IsOk());
    EXPECT_EQ(std::get<WalPredecessor>(**item).segment, bytes);
    EXPECT_EQ(std::get<WalPredecessor>(**item).bytes, bytes);
  }
}

TEST(WalItemReaderTest, ReadsBackWhichSegmentFollows) {
  std::string payload;
  AppendSuccessorItem(payload, {.segment = 300});
  EXPECT_EQ(payload, std::string("\x06\xac\x02\x00", 4));
  const auto item = WalItemReader(payload).Next();
  ASSERT_THAT(item, IsOk());
  EXPECT_EQ(std::get<WalSuccessor>(**item).segment, 300u);
}

TEST(WalItemReaderTest, KeepsMoreNamesThanItsListHolds) {
  std::vector<Entry> entries;
  for (int i = 0; i < 400; ++i) {
    entries.push_back({i, "line", {{"name" + std::to_string(i % 100), std::to_string(i / 200)}}});
  }
  std::string payload;
  AppendEntriesItem(payload, 1, Encode(1, entries));
  WalItemReader reader(payload);
  auto item = reader.Next();
  ASSERT_THAT(item, IsOk());
  EXPECT_EQ(Plain(*std::get<const WalEntries*>(**item)), entries);
}

TEST(WalItemReaderTest, SkipsItemsOfAnUnknownKind) {
  std::string payload(
      "\x7f\x01\x03"
      "abc",
      6);
  AppendDefinitionItem(payload, {1, "t", "l"});
  WalItemReader reader(payload);
  auto item = reader.Next();
  ASSERT_THAT(item, IsOk());
  EXPECT_TRUE(std::holds_alternative<WalDefinition>(**item));
}

TEST(WalItemReaderTest, RefusesPayloadsCutShort) {
  std::string payload;
  AppendEntriesItem(payload, 7, Encode(42, {{1, "line", {{"a", "b"}}}}));
  for (size_t size = 1; size < payload.size(); ++size) {
    WalItemReader reader(std::string_view(payload).substr(0, size));
    EXPECT_THAT(reader.Next(), HasCode(StatusCode::kDataLoss)) << "size " << size;
  }
}

TEST(WalItemReaderTest, SurvivesAnyByteBeingWrong) {
  std::string payload;
  AppendPredecessorItem(payload, {.segment = 300, .bytes = 4096});
  AppendDefinitionItem(payload, {7, "tenant", "labels"});
  AppendEntriesItem(payload, 7, Encode(42, {{1, "line", {{"a", "b"}}}, {2, "x", {{"a", "c"}}}}));
  for (size_t i = 0; i < payload.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      std::string damaged = payload;
      damaged[i] = static_cast<char>(value);
      WalItemReader reader(damaged);
      auto item = reader.Next();
      while (item.ok() && *item) item = reader.Next();
    }
  }
}

TEST(WalItemReaderTest, SurvivesAnyByteOfATextBeingWrong) {
  const std::string text = "a line\nanother line\nanother line";
  const std::string_view view = text;
  const std::string payload =
      PayloadWithText(text, {view.substr(0, 6), view.substr(7, 12), "beside", view.substr(20)});
  for (size_t i = 0; i < payload.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      std::string damaged = payload;
      damaged[i] = static_cast<char>(value);
      WalItemReader reader(damaged);
      auto item = reader.Next();
      while (item.ok() && *item) item = reader.Next();
    }
  }
}

}  // namespace
}  // namespace skald::ingester
