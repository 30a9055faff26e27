#include "querier/detected_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace skald::querier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// One line a field: "name type cardinality parsers path".
std::vector<std::string> Describe(const std::vector<DetectedField>& fields) {
  std::vector<std::string> lines;
  for (const DetectedField& field : fields) {
    std::string line = field.name + ' ' + std::string(logql::ValueTypeName(field.type)) + ' ' +
                       std::to_string(field.cardinality);
    line += field.json ? " json" : "";
    line += field.logfmt ? " logfmt" : "";
    for (const std::string& key : field.json_path) {
      line += " /" + key;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

// Entries of one stream, the newest first.
model::Streams OneStream(std::vector<model::ResultEntry> entries) {
  int64_t time_ns = 1000;
  for (model::ResultEntry& entry : entries) {
    entry.time_ns = time_ns--;
  }
  model::Streams streams;
  streams.streams.push_back({.labels = {{"app", "shop"}}, .entries = std::move(entries)});
  return streams;
}

model::Streams EntriesOf(const std::vector<std::string>& lines) {
  std::vector<model::ResultEntry> entries;
  for (const std::string& line : lines) {
    entries.push_back({.line = line});
  }
  return OneStream(std::move(entries));
}

TEST(DetectedFields, JsonHasPathsOfTheOriginalKeys) {
  const auto streams =
      EntriesOf({R"({"user":{"id":7,"full name":"a"},"a.b":true,"tags":[1],"n":null})"});
  EXPECT_THAT(
      Describe(DetectFields(streams, 100)),
      ElementsAre("a_b boolean 1 json /a.b", "user_full_name string 1 json /user /full name",
                  "user_id int 1 json /user /id"));
}

TEST(DetectedFields, LinesThatAreNoJsonAreLogfmt) {
  const auto streams =
      EntriesOf({R"({"a":"2"})", "a=3 took=5ms =bad bare", R"({"a":"1")", "", "[1]"});
  EXPECT_THAT(Describe(DetectFields(streams, 100)),
              ElementsAre("a int 2 json logfmt /a", "took duration 1 logfmt"));
}

TEST(DetectedFields, TypeIsThatOfTheOldestEntry) {
  EXPECT_THAT(Describe(DetectFields(EntriesOf({"v=1", "v=x", "v=2.5"}), 100)),
              ElementsAre("v float 3 logfmt"));
}

TEST(DetectedFields, StructuredMetadataHasNoParser) {
  const auto streams = OneStream(
      {{.line = "free text", .structured_metadata = {{"trace", "x"}, {"__error__", "no"}}}});
  EXPECT_THAT(Describe(DetectFields(streams, 100)), ElementsAre("trace string 1"));
}

TEST(DetectedFields, MetadataAndLineShareAName) {
  const auto streams = OneStream(
      {{.line = R"({"trace":"in-line"})", .structured_metadata = {{"trace", "in-meta"}}}});
  EXPECT_THAT(Describe(DetectFields(streams, 100)), ElementsAre("trace string 2 json /trace"));
  EXPECT_THAT(DetectFieldValues(streams, "trace", 10), ElementsAre("in-line", "in-meta"));
}

TEST(DetectedFields, NamesOfTheStreamGetASuffix) {
  EXPECT_THAT(Describe(DetectFields(EntriesOf({R"({"app":"x"})"}), 100)),
              ElementsAre("app_extracted string 1 json /app"));
}

TEST(DetectedFields, WhatTheQueryParsedCountsAsTheLineDoes) {
  const auto streams = OneStream({{.line = "x=1", .parsed = {{"status", "200"}}}});
  EXPECT_THAT(Describe(DetectFields(streams, 100)),
              ElementsAre("status int 1 logfmt", "x int 1 logfmt"));
}

TEST(DetectedFields, LimitKeepsFieldsOfTheMostEntries) {
  EXPECT_THAT(Describe(DetectFields(EntriesOf({"a=1 b=1 c=1", "b=2 c=1", "b=3"}), 2)),
              ElementsAre("b int 3 logfmt", "c int 1 logfmt"));
}

TEST(DetectedFields, MoreEntriesThanASliceOfTheEngine) {
  std::vector<std::string> lines;
  for (int i = 0; i < 3000; ++i) {
    lines.push_back("n=" + std::to_string(i));
  }
  EXPECT_THAT(Describe(DetectFields(EntriesOf(lines), 10)), ElementsAre("n int 3000 logfmt"));
}

TEST(DetectedFields, NothingFromNothing) {
  EXPECT_THAT(DetectFields({}, 10), IsEmpty());
  EXPECT_THAT(DetectFieldValues({}, "a", 10), IsEmpty());
}

TEST(DetectedFieldValues, MostFrequentFirst) {
  EXPECT_THAT(DetectFieldValues(EntriesOf({"a=x", "a=y", "a=y", "a=z", "a=z", "a=z"}), "a", 2),
              ElementsAre("z", "y"));
}

TEST(DetectedFieldValues, SizesAreRounded) {
  EXPECT_THAT(DetectFieldValues(EntriesOf({"size=1019B", "size=1000B"}), "size", 10),
              ElementsAre("1.0kB"));
  // An id whose value happens to look like a size is none.
  EXPECT_THAT(DetectFieldValues(EntriesOf({"id=00b", "id=001"}), "id", 10),
              ElementsAre("001", "00b"));
}

}  // namespace
}  // namespace skald::querier
