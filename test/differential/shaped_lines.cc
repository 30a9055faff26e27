#include "differential/shaped_lines.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace skald::differential {
namespace {

using Texts = std::vector<std::string>;

// Names that queries ask for, too.
const Texts kNames = {"ip",   "req_path", "host", "pod",   "trace_id", "id",
                      "size", "m",        "took", "level", "msg",      "n"};
// Some with letters that have an unusual other case: U+212A is a k, U+017F an s.
const Texts kWords = {"info",  "warn",        "Error",     "served", "cache", "miss",
                      "Retry", "\u212aelvin", "po\u017ft", "größe",  "SKIP",  "disk"};
const Texts kSegments = {"api", "v1", "users", "Orders", "static", "img", "k8s", "a", "items-3"};
const Texts kZones = {"eu-west", "us-east-2", "EU-North", "ap"};
const Texts kKeys = {"k", "ms", "retries", "shard", "Size"};

std::string TimeText(int64_t time_ns, uint64_t form) {
  const std::time_t second = time_ns / 1'000'000'000;
  std::tm parts{};
  gmtime_r(&second, &parts);
  std::array<char, 40> text{};
  const char* const format = form == 0   ? "%Y-%m-%dT%H:%M:%S"
                             : form == 1 ? "%d/%b/%Y:%H:%M:%S"
                                         : "%T";
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

}  // namespace

ShapedLines::ShapedLines(Random& random)
    : random_(random),
      style_(static_cast<Style>(random.Below(4))),
      quotes_(random.Chance(30)),
      upper_(random.Chance(20)),
      time_form_(random.Below(3)),
      unit_(random.Pick<std::string>({"", "ms", "kB", "MiB"})),
      separator_(random.Pick<std::string>({",", ", ", ";", " ", "&"})) {
  constexpr uint64_t kKinds = static_cast<uint64_t>(Kind::kSentence) + 1;
  for (uint64_t count = 3 + random_.Below(4); count > 0; --count) {
    AddField(random_.Pick(kNames), static_cast<Kind>(random_.Below(kKinds)));
  }
  if (style_ == Style::kJson) after_ = random_.Chance(50) ? "\"}" : R"(","end":true})";
  if (style_ == Style::kAccess) after_ = " HTTP/1.1\" 200";
  if (quotes_ && (style_ == Style::kLogfmt || style_ == Style::kProse)) after_ = "\"";
  if (style_ == Style::kProse && random_.Chance(50)) after_ += " done.";
}

void ShapedLines::AddField(std::string_view name, Kind kind) {
  const bool first = fields_.empty();
  const std::string quote = quotes_ ? "\"" : "";
  std::string before = first ? "" : quote;
  switch (style_) {
    case Style::kLogfmt:
      before += (first ? "" : " ") + std::string(name) + "=" + quote;
      break;
    case Style::kJson:
      before = (first ? "{\"" : "\",\"") + std::string(name) + "\":\"";
      break;
    case Style::kProse:
      before += (first ? "" : " ") + random_.Pick(kWords) + " " + quote;
      break;
    case Style::kAccess:
      before = first ? "" : random_.Pick<std::string>({" - ", " [", "] \"GET ", " "});
      break;
  }
  fields_.push_back({.kind = kind,
                     .before = std::move(before),
                     .recurring_percent = random_.Pick<uint64_t>({0, 0, 30, 100}),
                     .recurring = {}});
  Field& field = fields_.back();
  for (uint64_t count = 1 + random_.Below(12); count > 0; --count) {
    field.recurring.push_back(NewValue(kind, 1'700'000'000'000'000'000));
  }
}

std::string ShapedLines::Draw(int64_t time_ns) {
  std::string line;
  for (const Field& field : fields_) line += field.before + Value(field, time_ns);
  return line + after_;
}

std::string ShapedLines::Value(const Field& field, int64_t time_ns) {
  if (random_.Chance(field.recurring_percent)) return random_.Pick(field.recurring);
  // Now and then one of another kind, so that not all of a column is alike.
  return NewValue(random_.Below(150) == 0 ? Kind::kPath : field.kind, time_ns);
}

std::string ShapedLines::NewValue(Kind kind, int64_t time_ns) {
  switch (kind) {
    case Kind::kAddress:
      return Address();
    case Kind::kPath:
      return Path();
    case Kind::kHost:
      return Host();
    case Kind::kPod:
      return random_.Pick(kSegments) + "-" + Hex(9) + "-" + Hex(5);
    case Kind::kUuid:
      return Hex(8) + "-" + Hex(4) + "-4" + Hex(3) + "-" + Hex(4) + "-" + Hex(12);
    case Kind::kHex:
      return Hex(random_.Chance(2) ? 7 : 16);
    case Kind::kVersion:
      return Version();
    case Kind::kPairs:
      return Pairs();
    case Kind::kTime:
      return TimeText(time_ns - static_cast<int64_t>(random_.Below(3)) * 1'000'000'000, time_form_);
    case Kind::kNumber:
      return Number(2000) + unit_;
    case Kind::kWord:
      return random_.Pick(kWords);
    case Kind::kSentence:
      return Sentence();
  }
  return "";
}

std::string ShapedLines::Address() {
  return "10." + Number(4) + "." + Number(256) + "." + Number(256) +
         (random_.Chance(10) ? ":" + Number(65536) : "");
}

std::string ShapedLines::Path() {
  std::string path;
  for (uint64_t count = 2 + random_.Below(2); count > 0; --count) {
    path += "/" + random_.Pick(kSegments);
  }
  path += "/" + Number(100'000);
  return random_.Chance(20) ? path + "?q=" + Hex(6) : path;
}

std::string ShapedLines::Host() {
  return random_.Pick<std::string>({"web-", "Web-", "db"}) + Number(400) + "." +
         random_.Pick(kZones) + ".example.com";
}

std::string ShapedLines::Version() {
  const std::string version = "v" + Number(4) + "." + Number(40) + "." + Number(300);
  return random_.Chance(40) ? version + "-rc." + Number(9) : version;
}

std::string ShapedLines::Pairs() {
  std::string pairs;
  for (const std::string& key : kKeys) {
    pairs += (pairs.empty() ? "" : separator_) + key + "=" + Number(key == "ms" ? 3000 : 20);
  }
  return pairs;
}

std::string ShapedLines::Sentence() {
  return random_.Pick(kWords) + " task-" + Number(5000) + " of " + Host() + ": " +
         random_.Pick(kWords);
}

std::string ShapedLines::Hex(size_t digits) {
  std::string hex(digits, '0');
  for (char& digit : hex) {
    digit = (upper_ ? "0123456789ABCDEF" : "0123456789abcdef")[random_.Below(16)];
  }
  return hex;
}

}  // namespace skald::differential
