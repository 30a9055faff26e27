#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/split/split_lines.h"
#include "chunkstore/test_entries.h"

// Lines for the tests of split lines, and of searches in them.
namespace skald::chunkstore {

struct Lines {
  std::vector<std::string> lines;
  std::vector<int64_t> times;

  void Add(std::string line) {
    times.push_back(test::kStartNs + static_cast<int64_t>(lines.size()) * test::kSecond / 7);
    lines.push_back(std::move(line));
  }
  uint64_t TextBytes() const {
    uint64_t bytes = 0;
    for (const std::string& line : lines) bytes += line.size() + 1;
    return bytes;
  }
  std::string Text() const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }
};

inline std::string Encode(const Lines& lines) {
  const std::vector<std::string_view> views(lines.lines.begin(), lines.lines.end());
  std::string out;
  EncodeSplitLines(views, lines.times, 1, out);
  return out;
}

// In the memory of whatever was decoded before, as readers do it.
inline SplitBuffers& Buffers() {
  static SplitBuffers buffers;
  return buffers;
}

inline std::string Number(uint64_t number) { return std::to_string(number); }

inline Lines JsonLines(size_t count) {
  test::EntryGenerator random(1);
  Lines lines;
  for (size_t i = 0; i < count; ++i) {
    lines.Add(R"({"level":")" + std::string(random.Below(9) == 0 ? "error" : "info") +
              R"(","msg":"user )" + Number(random.Below(5000)) + R"( logged in","status":)" +
              Number(200 + random.Below(4)) + R"(,"ms":)" + Number(random.Below(900)) + "." +
              Number(100 + random.Below(900)) + R"(,"trace":")" + random.Hex(32) + R"("})");
  }
  return lines;
}

using TokenMaker = std::function<std::string(size_t)>;

// Each makes tokens, by row, that one encoding is for, or that are close to it.
inline std::vector<TokenMaker> TokenMakers(test::EntryGenerator& random) {
  return {
      [](size_t i) { return Number(i); },
      [](size_t i) { return Number(1'000'000'007 * i); },
      [](size_t i) { return Number(i) + "." + Number(10 + i % 90) + "ms"; },
      [](size_t i) { return "0." + Number(100 + i); },
      [](size_t i) { return i % 50 == 49 ? "007" : Number(i); },
      [](size_t i) { return i % 50 == 49 ? "x" : Number(i); },
      [](size_t i) { return std::string(i == 77 ? "-" : "") + Number(i); },
      [](size_t) { return std::string("18446744073709551615"); },
      [](size_t i) { return i % 2 ? "18446744073709551615" : "9223372036854775808"; },
      [](size_t i) { return std::to_string(9'300'000'000'000'000'000u + 7919 * i); },
      [](size_t i) { return std::to_string(999'999'999'999'999'000 + 7 * i); },
      [](size_t i) { return "9" + Number(100'000'000 + i) + "." + Number(123'456'789 + i); },
      [&](size_t) { return random.Hex(32); },
      [&](size_t) { return random.Hex(8) + "-" + random.Hex(4) + "-" + random.Hex(12); },
      [&](size_t) { return random.Hex(7); },
      [&](size_t i) { return i == 300 ? "g" + random.Hex(31) : random.Hex(32); },
      [&](size_t) {
        std::string upper = random.Hex(16);
        for (char& c : upper) c = c >= 'a' ? static_cast<char>(c - 32) : c;
        return upper;
      },
      [](size_t i) { return "2023-11-14T22:13:" + Number(10 + i % 50) + "Z"; },
      [](size_t i) { return "2023-11-14T22:13:20." + Number(100 + i % 900) + "Z"; },
      [](size_t i) { return "2023-11-14T22:13:20." + Number(100'000'000 + i); },
      [](size_t i) { return "14/Nov/2023:22:" + Number(10 + i % 50) + ":20"; },
      [](size_t i) { return "2" + Number(i % 4) + ":13:" + Number(10 + i % 50); },
      [](size_t i) { return i == 99 ? "25:13:20" : "22:13:" + Number(10 + i % 50); },
      [](size_t i) { return "9999-12-31T23:59:59." + Number(100'000'000 + i) + "Z"; },
      [](size_t i) { return "0000-01-01T00:00:" + Number(10 + i % 50) + "Z"; },
      [&](size_t) { return "10." + Number(random.Below(256)) + "." + Number(random.Below(256)); },
      [&](size_t) { return "/a/" + random.Hex(random.Below(9) + 1) + "/b?q=" + random.Hex(3); },
      [](size_t i) { return std::string(i % 40, 'y'); },
  };
}

// What random lines are made of.
inline constexpr std::string_view kParts[] = {" ",
                                              "=",
                                              "\"",
                                              "\\",
                                              "\n",
                                              ",",
                                              "{",
                                              "}",
                                              ":",
                                              "0",
                                              "1",
                                              "12",
                                              "9999999999999999999",
                                              ".",
                                              "a",
                                              "ff",
                                              "GET",
                                              "-",
                                              "/",
                                              "T",
                                              "Z",
                                              "é",
                                              "2023-11-14T22:13:20",
                                              "22:13:20",
                                              "\xff",
                                              ""};

// A few templates, in which some parts are drawn anew for each line.
inline Lines RandomLines(std::mt19937_64& random) {
  const auto below = [&](uint64_t limit) { return random() % limit; };
  std::vector<std::vector<int>> templates(1 + below(4));
  for (std::vector<int>& parts : templates) {
    for (size_t i = below(30); i > 0; --i) {
      parts.push_back(below(3) == 0 ? -1 : static_cast<int>(below(std::size(kParts))));
    }
  }
  Lines lines;
  for (size_t i = 1 + below(200); i > 0; --i) {
    std::string line;
    for (const int part : templates[below(templates.size())]) {
      line += kParts[part >= 0 ? static_cast<size_t>(part) : below(std::size(kParts))];
    }
    lines.Add(line);
  }
  return lines;
}

}  // namespace skald::chunkstore
