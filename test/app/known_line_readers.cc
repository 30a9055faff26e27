#include "app/known_line_readers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "model/matcher.h"
#include "querier/volume_query.h"
#include "support/matchers.h"
#include "support/time_units.h"

namespace skald::app {
namespace {

using test::IsOk;
using test::kHour;

constexpr int64_t kMillisecondNs = 1'000'000;
constexpr int64_t kWindow = 300;                // Lines that a search for many of them is about.
constexpr int64_t kNever = 100'000'000;         // Beyond the numbers of all lines.
constexpr uint64_t kMaxVolumeOfMetadata = 300;  // Of one entry; more than its texts are long.

std::string StreamOf(int pusher) { return "{pusher=\"" + std::to_string(pusher) + "\"}"; }
constexpr std::string_view kAllPushers = R"({pusher=~"[0-9]+"})";

model::Matchers MatchersOf(model::MatchOp op, const std::string& pushers) {
  return {*model::Matcher::Make(op, "pusher", pushers)};
}

bool IsError(int64_t number) { return number % KnownLines::kLevels >= 2; }

// How many of the numbers below `end`.
template <typename Keeps>
int64_t CountBelow(int64_t end, const Keeps& keeps) {
  int64_t count = 0;
  for (int64_t number = 0; number < end; ++number) count += keeps(number) ? 1 : 0;
  return count;
}

}  // namespace

querier::QueryRequest KnownLineReaders::RequestOf(std::string text) const {
  querier::QueryRequest request;
  request.tenants = {parts_.tenant};
  request.text = std::move(text);
  request.start_ns = parts_.lines.TimeOf(0) - kHour;
  request.end_ns = parts_.lines.TimeOf(0) + kHour;
  request.has_time_range = true;
  request.direction = model::Direction::kForward;
  request.limit = 2 * kWindow;
  return request;
}

std::vector<int64_t> KnownLineReaders::Acknowledged() const {
  std::vector<int64_t> all;
  for (const PusherProgress& pusher : parts_.pushers) all.push_back(pusher.acknowledged);
  return all;
}

int KnownLineReaders::AnyPusher() {
  const int pusher = static_cast<int>(RandomBelow(std::ssize(parts_.pushers)));
  return parts_.pushers[pusher].acknowledged > 0 ? pusher : -1;
}

// --- lines

KnownLineReaders::Question KnownLineReaders::WindowQuestion(int pusher) {
  struct Kind {
    std::string stages;
    Keeps keeps;
  };
  static const std::vector<Kind> kKinds = {
      {"", [](int64_t) { return true; }},
      {" |= `level=Error`", [](int64_t number) { return number % KnownLines::kLevels == 2; }},
      {" |~ `(?i)LEVEL=ERROR`", IsError},
      {" |~ `line [0-9]+6 level=(info|warn)`",
       [](int64_t number) { return number % 10 == 6 && !IsError(number); }},
      {" | part=`3`", [](int64_t number) { return number % KnownLines::kParts == 3; }},
      {" |= `level=` |= `debug`", [](int64_t) { return false; }},
  };
  const Kind& kind = kKinds[asked_ / 2 % kKinds.size()];
  const int64_t first = RandomBelow(parts_.pushers[pusher].acknowledged);
  return {StreamOf(pusher) + kind.stages, pusher, {first, first + kWindow}, kind.keeps};
}

KnownLineReaders::Question KnownLineReaders::NeedleQuestion(int pusher) {
  const int64_t number = RandomBelow(parts_.pushers[pusher].acknowledged);
  const std::string trace = KnownLines::TraceOf(pusher, number);
  std::string upper = trace;
  std::ranges::transform(trace, upper.begin(), [](char c) { return std::toupper(c); });
  const std::vector<std::string> stages = {
      " |= `" + KnownLines::LineOf(pusher, number).substr(0, 24) + "`",
      " |= `" + trace + "`",
      " |~ `(?i)" + upper + "`",
      " | id=`" + KnownLines::IdOf(pusher, number) + "`",
      " |= `" + KnownLines::TraceOf(pusher, kNever + number) + "`",
      " | id=`" + KnownLines::IdOf(pusher, kNever + number) + "`",
  };
  const size_t kind = asked_ / 2 % stages.size();
  const bool there = kind < 4;
  return {
      std::string(kAllPushers) + stages[kind], pusher, {0, kNever}, [number, there](int64_t of) {
        return there && of == number;
      }};
}

void KnownLineReaders::Search() {
  const int pusher = AnyPusher();
  if (pusher < 0) return;
  const Question question = asked_ % 2 == 0 ? WindowQuestion(pusher) : NeedleQuestion(pusher);
  querier::QueryRequest request = RequestOf(question.text);
  if (question.window.end < kNever) {
    request.start_ns = parts_.lines.TimeOf(question.window.first);
    request.end_ns = parts_.lines.TimeOf(question.window.end);
  }
  const int64_t acknowledged = parts_.pushers[pusher].acknowledged;
  model::ScanContext context;
  const auto result = parts_.read.querier().Run(request, context);
  ASSERT_THAT(result, IsOk()) << question.text;
  EXPECT_THAT(result->warnings, testing::IsEmpty()) << question.text;
  CheckFound(question, acknowledged, std::get<model::Streams>(result->data));
  ++asked_;
}

void KnownLineReaders::CheckFound(const Question& question, int64_t acknowledged,
                                  const model::Streams& found) {
  const int64_t begun = parts_.pushers[question.pusher].begun;
  std::map<int64_t, int> times;
  for (const model::ResultStream& stream : found.streams) {
    for (const model::ResultEntry& entry : stream.entries) {
      const int64_t number = KnownLines::NumberIn(entry.line);
      ASSERT_EQ(entry.line, KnownLines::LineOf(question.pusher, number)) << question.text;
      EXPECT_EQ(entry.time_ns, parts_.lines.TimeOf(number)) << question.text;
      EXPECT_TRUE(question.keeps(number)) << question.text << " has found " << entry.line;
      EXPECT_TRUE(question.window.first <= number && number < question.window.end) << entry.line;
      EXPECT_LT(number, begun) << question.text;
      EXPECT_EQ(++times[number], 1) << question.text << " has found again " << entry.line;
    }
  }
  for (int64_t number = question.window.first; number < std::min(question.window.end, acknowledged);
       ++number) {
    if (!question.keeps(number)) continue;
    ASSERT_TRUE(times.contains(number))
        << question.text << " has not found number " << number << " of " << acknowledged;
  }
}

// --- counts

void KnownLineReaders::Count() {
  const int pusher = AnyPusher();
  if (pusher < 0) return;
  switch (asked_++ % 3) {
    case 0:
      return CountByPusher();
    case 1:
      return CountByPart(pusher);
    default:
      return CountByMillisecond(pusher);
  }
}

std::map<std::string, int64_t> KnownLineReaders::Values(const std::string& text) {
  querier::QueryRequest request = RequestOf(text);
  request.instant = true;
  model::ScanContext context;
  const auto result = parts_.read.querier().Run(request, context);
  EXPECT_THAT(result, IsOk()) << text;
  std::map<std::string, int64_t> values;
  if (!result.ok()) return values;
  EXPECT_THAT(result->warnings, testing::IsEmpty()) << text;
  for (const model::Series& series : std::get<model::Vector>(result->data).samples) {
    EXPECT_EQ(series.labels.size(), 1u) << series.labels.ToString();
    values[std::string((*series.labels.begin()).value)] =
        static_cast<int64_t>(series.points.front().value);
  }
  return values;
}

void KnownLineReaders::CountByPusher() {
  struct Kind {
    std::string function;
    std::string stages;
    Keeps keeps;
    int64_t unit = 1;
  };
  static const std::vector<Kind> kKinds = {
      {"count_over_time", "", [](int64_t) { return true; }},
      {"count_over_time", " |= `level=Error`",
       [](int64_t number) { return number % KnownLines::kLevels == 2; }},
      {"count_over_time", " |~ `(?i)level=ERROR` | part=`3`",
       [](int64_t number) { return IsError(number) && number % KnownLines::kParts == 3; }},
      {"bytes_over_time", "", [](int64_t) { return true; }, std::ssize(KnownLines::LineOf(0, 0))},
  };
  const Kind& kind = kKinds[asked_ / 3 % kKinds.size()];
  const std::string text = "sum by (pusher) (" + kind.function + "(" + std::string(kAllPushers) +
                           kind.stages + " [2h]))";
  const std::vector<int64_t> acknowledged = Acknowledged();
  const std::map<std::string, int64_t> values = Values(text);
  for (size_t pusher = 0; pusher < parts_.pushers.size(); ++pusher) {
    const auto found = values.find(std::to_string(pusher));
    const int64_t value = found == values.end() ? 0 : found->second;
    EXPECT_GE(value, kind.unit * CountBelow(acknowledged[pusher], kind.keeps)) << text;
    EXPECT_LE(value, kind.unit * CountBelow(parts_.pushers[pusher].begun, kind.keeps)) << text;
  }
  EXPECT_LE(values.size(), parts_.pushers.size()) << text;
}

void KnownLineReaders::CountByPart(int pusher) {
  const int64_t acknowledged = parts_.pushers[pusher].acknowledged;
  const std::string text = "sum by (part) (count_over_time(" + StreamOf(pusher) + " [2h]))";
  const std::map<std::string, int64_t> values = Values(text);
  const int64_t begun = parts_.pushers[pusher].begun;
  EXPECT_EQ(values.size(), static_cast<size_t>(KnownLines::kParts)) << text;
  for (const auto& [part, value] : values) {
    const auto keeps = [&part = part](int64_t number) {
      return KnownLines::PartOf(number) == part;
    };
    EXPECT_GE(value, CountBelow(acknowledged, keeps)) << text;
    EXPECT_LE(value, CountBelow(begun, keeps)) << text;
  }
}

// Of ten milliseconds of which all is acknowledged: nothing is missing in any, and nothing twice.
void KnownLineReaders::CountByMillisecond(int pusher) {
  constexpr int64_t kLines = kMillisecondNs / KnownLines::kSpacingNs;  // In each.
  constexpr int64_t kSteps = 10;
  const int64_t whole = (parts_.pushers[pusher].acknowledged - 1) / kLines;
  if (whole < kSteps) return;
  querier::QueryRequest request =
      RequestOf("sum(count_over_time(" + StreamOf(pusher) + " |= `took` [1ms]))");
  request.step_ns = kMillisecondNs;
  request.start_ns = parts_.lines.TimeOf((1 + RandomBelow(whole - kSteps + 1)) * kLines);
  request.end_ns = request.start_ns + (kSteps - 1) * kMillisecondNs;
  model::ScanContext context;
  const auto result = parts_.read.querier().Run(request, context);
  ASSERT_THAT(result, IsOk());
  const auto& series = std::get<model::Matrix>(result->data).series;
  ASSERT_EQ(series.size(), 1u);
  EXPECT_EQ(std::ssize(series.front().points), kSteps);
  for (const model::Point& point : series.front().points) EXPECT_EQ(point.value, kLines);
}

// --- labels, series and sizes

querier::MetadataRequest KnownLineReaders::MetadataOfAllTime() const {
  querier::MetadataRequest request;
  request.tenants = {parts_.tenant};
  request.start_ns = parts_.lines.TimeOf(0) - kHour;
  request.end_ns = parts_.lines.TimeOf(0) + kHour;
  return request;
}

void KnownLineReaders::LookUp() {
  const int pusher = AnyPusher();
  if (pusher < 0) return;
  switch (asked_++ % 4) {
    case 0:
      return LookUpNames();
    case 1:
      return LookUpSeries();
    case 2:
      return LookUpStats(pusher);
    default:
      return LookUpVolumes();
  }
}

void KnownLineReaders::LookUpNames() {
  const std::vector<int64_t> acknowledged = Acknowledged();
  const auto names = parts_.read.metadata().LabelNames(MetadataOfAllTime(), {});
  ASSERT_THAT(names, IsOk());
  EXPECT_THAT(*names, testing::IsSupersetOf({"pusher", "service_name"}));
  EXPECT_THAT(*names, testing::IsSubsetOf({"__stream_shard__", "pusher", "service_name"}));
  const auto values = parts_.read.metadata().LabelValues(
      MetadataOfAllTime(), "pusher", MatchersOf(model::MatchOp::kRegex, "[0-9]+"));
  ASSERT_THAT(values, IsOk());
  EXPECT_TRUE(std::ranges::is_sorted(*values));
  EXPECT_LE(values->size(), parts_.pushers.size());
  for (size_t pusher = 0; pusher < parts_.pushers.size(); ++pusher) {
    if (acknowledged[pusher] == 0) continue;
    EXPECT_THAT(*values, testing::Contains(std::to_string(pusher)));
  }
}

void KnownLineReaders::LookUpSeries() {
  const std::vector<int64_t> acknowledged = Acknowledged();
  const std::vector<model::Matchers> selectors = {MatchersOf(model::MatchOp::kRegex, "[0-9]+")};
  const auto series = parts_.read.metadata().Series(MetadataOfAllTime(), selectors);
  ASSERT_THAT(series, IsOk());
  EXPECT_EQ(std::set<model::Labels>(series->begin(), series->end()).size(), series->size());
  std::set<std::string> found;
  for (const model::Labels& labels : *series) found.emplace(labels.Get("pusher"));
  EXPECT_LE(found.size(), parts_.pushers.size());
  for (size_t pusher = 0; pusher < parts_.pushers.size(); ++pusher) {
    if (acknowledged[pusher] == 0) continue;
    EXPECT_THAT(found, testing::Contains(std::to_string(pusher)));
  }
}

// What a flush has on its way counts twice for a moment, in memory and in the store.
void KnownLineReaders::LookUpStats(int pusher) {
  const uint64_t line_bytes = KnownLines::LineOf(0, 0).size();
  const uint64_t acknowledged = parts_.pushers[pusher].acknowledged;
  const auto stats = parts_.read.metadata().Stats(
      MetadataOfAllTime(), MatchersOf(model::MatchOp::kEqual, std::to_string(pusher)));
  ASSERT_THAT(stats, IsOk());
  const uint64_t most = 2 * parts_.pushers[pusher].sent;
  EXPECT_GE(stats->streams, 1u);  // More where it is pushed to so fast that it is divided.
  EXPECT_GE(stats->entries, acknowledged);
  EXPECT_LE(stats->entries, most);
  EXPECT_EQ(stats->bytes, stats->entries * line_bytes);
}

void KnownLineReaders::LookUpVolumes() {
  const uint64_t line_bytes = KnownLines::LineOf(0, 0).size();
  const std::vector<int64_t> acknowledged = Acknowledged();
  querier::VolumeQuestion question;
  question.matchers = MatchersOf(model::MatchOp::kRegex, "[0-9]+");
  const auto volumes = parts_.read.volume().Volumes(MetadataOfAllTime(), question);
  ASSERT_THAT(volumes, IsOk());
  std::map<std::string, double> bytes;
  for (const model::Series& series : *volumes) {
    for (const model::Point& point : series.points) {
      bytes[std::string(series.labels.Get("pusher"))] += point.value;
    }
  }
  for (size_t pusher = 0; pusher < parts_.pushers.size(); ++pusher) {
    const double of = bytes[std::to_string(pusher)];
    const uint64_t most = 2 * parts_.pushers[pusher].sent * (line_bytes + kMaxVolumeOfMetadata);
    EXPECT_GE(of, static_cast<double>(acknowledged[pusher] * line_bytes));
    EXPECT_LE(of, static_cast<double>(most));
  }
}

void KnownLineReaders::CheckSizesAtRest() {
  for (size_t pusher = 0; pusher < parts_.pushers.size(); ++pusher) {
    const auto stats = parts_.read.metadata().Stats(
        MetadataOfAllTime(), MatchersOf(model::MatchOp::kEqual, std::to_string(pusher)));
    ASSERT_THAT(stats, IsOk());
    EXPECT_GE(stats->entries, static_cast<uint64_t>(parts_.pushers[pusher].acknowledged));
    EXPECT_LE(stats->entries, static_cast<uint64_t>(parts_.pushers[pusher].sent));
  }
}

}  // namespace skald::app
