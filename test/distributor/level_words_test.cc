#include "distributor/level_words.h"

#include <gtest/gtest.h>

#include <cctype>
#include <random>
#include <string>
#include <vector>

namespace skald::distributor {
namespace {

TEST(LevelWordsTest, FindsTheFirstWordThatIsALevel) {
  struct Row {
    std::string line;
    std::string level;
  };
  const std::vector<Row> rows = {
      {"", "unknown"},
      {" ", "unknown"},
      {"error", "error"},
      {"ERROR x", "error"},
      {"Err!", "error"},
      {"an error", "error"},
      {"error: x", "error"},
      {"(error) x", "error"},
      {"[Error]", "error"},
      {"{error}", "error"},
      {"|error| x", "error"},
      {"'error' x", "error"},
      {"\"error\"", "error"},
      {"a=error", "error"},
      {"2026-01-15T11:00:00Z\terror\tx", "error"},
      {"line\nerror", "error"},
      {"misc, error", "error"},
      {"foo(error[1])", "error"},
      {"info then error", "info"},
      {"error then info", "error"},
      {"Warning: x", "warn"},
      {"11:00 [main] WARN c.e.App - x", "warn"},
      {"warning", "warn"},
      {"trace x", "trace"},
      {"DEBUG", "debug"},
      {"FATAL: x", "fatal"},
      {"critical!", "critical"},
      {"ünï error", "error"},
      // Not words, or not ended or begun as one.
      {"<error> x", "unknown"},
      {"terror", "unknown"},
      {"no_error", "unknown"},
      {"error-code", "unknown"},
      {"misc:error", "unknown"},
      {"misc,error", "unknown"},
      {"error.", "unknown"},
      {"error?", "unknown"},
      {"error/x", "unknown"},
      {"stderr x", "unknown"},
      {"ERRÖR", "unknown"},
      {"information x", "unknown"},
      {"INF x", "unknown"},
      {"wrn dbg trc crit panic", "unknown"},
      {"errors errorx warnings infos", "unknown"},
      {"er", "unknown"},
      {"w", "unknown"},
      {"status=200 path=/error", "unknown"},
  };
  for (const Row& row : rows) EXPECT_EQ(LevelName(FindLevelWord(row.line)), row.level) << row.line;
}

// The plain way: every place, every word.
Level FindSlowly(std::string_view line) {
  const std::string_view begins = " \t\n[({\"'=|";
  const std::string_view ends = " \t\n[](){}:,!\"'=|";
  const std::vector<std::pair<std::string, Level>> words = {
      {"trace", Level::kTrace}, {"debug", Level::kDebug},       {"fatal", Level::kFatal},
      {"error", Level::kError}, {"critical", Level::kCritical}, {"err", Level::kError},
      {"warn", Level::kWarn},   {"warning", Level::kWarn},      {"info", Level::kInfo}};
  std::string lower(line);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (size_t i = 0; i < lower.size(); ++i) {
    if (i > 0 && begins.find(lower[i - 1]) == std::string_view::npos) continue;
    for (const auto& [word, level] : words) {
      if (lower.compare(i, word.size(), word) != 0) continue;
      const size_t end = i + word.size();
      if (end == lower.size() || ends.find(lower[end]) != std::string_view::npos) return level;
    }
  }
  return Level::kUnknown;
}

TEST(LevelWordsTest, AgreesWithTheSlowSearchOnGeneratedLines) {
  constexpr unsigned kSeed = 11;
  std::mt19937 random(kSeed);
  const std::vector<std::string> pieces = {
      "error",    "err", "ERR", "warn", "Warning", "info", "infos", "debug", "trace", "fatal",
      "critical", "c",   "e",   "t",    "wa",      "fa",   " ",     "\t",    "\n",    "[",
      "]",        "(",   ")",   "{",    "}",       "\"",   "'",     "=",     "|",     ":",
      ",",        "!",   ".",   "/",    "x",       "-",    "_",     "\xc3",  "\xff",  "0"};
  for (int i = 0; i < 200'000; ++i) {
    std::string line(random() % 70, 'x');
    for (size_t left = random() % 12; left > 0; --left) line += pieces[random() % pieces.size()];
    ASSERT_EQ(FindLevelWord(line), FindSlowly(line)) << line;
  }
}

TEST(LevelWordsTest, AgreesWithTheSlowSearchOnAnyBytes) {
  constexpr unsigned kSeed = 12;
  std::mt19937 random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    std::string line(random() % 300, '\0');
    for (char& c : line) c = static_cast<char>(random());
    const size_t at = line.empty() ? 0 : random() % line.size();
    line.insert(at, random() % 2 == 0 ? " warn" : "=ERROR,");
    ASSERT_EQ(FindLevelWord(line), FindSlowly(line));
  }
}

TEST(LevelWordsTest, FindsAWordAtEveryOffset) {
  for (size_t before = 0; before < 200; ++before) {
    const std::string line = std::string(before, 'x') + " error " + std::string(before % 70, 'y');
    EXPECT_EQ(FindLevelWord(line), Level::kError) << before;
    EXPECT_EQ(FindLevelWord(std::string(before, ' ') + "warn"), Level::kWarn) << before;
  }
}

TEST(LevelWordsTest, KnowsTheUsualSpellings) {
  struct Row {
    std::string text;
    Level level;
  };
  const std::vector<Row> rows = {
      {"trace", Level::kTrace},       {"TRC", Level::kTrace},        {"Debug", Level::kDebug},
      {"dbg", Level::kDebug},         {"info", Level::kInfo},        {"inf", Level::kInfo},
      {"INFORMATION", Level::kInfo},  {"warn", Level::kWarn},        {"wrn", Level::kWarn},
      {"Warning", Level::kWarn},      {"error", Level::kError},      {"err", Level::kError},
      {"critical", Level::kCritical}, {"fatal", Level::kFatal},      {"", Level::kUnknown},
      {"crit", Level::kUnknown},      {"notice", Level::kUnknown},   {"errors", Level::kUnknown},
      {"5", Level::kUnknown},         {"ERRO\x12", Level::kUnknown},
  };
  for (const Row& row : rows) EXPECT_EQ(ParseLevel(row.text), row.level) << row.text;
}

}  // namespace
}  // namespace skald::distributor
