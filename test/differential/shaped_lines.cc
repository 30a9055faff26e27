#include "differential/shaped_lines.h"

#include <array>
#include <ctime>
#include <utility>

namespace skald::differential {
namespace {

using Texts = std::vector<std::string>;

// Names that queries ask for, too.
const Texts kNames = {"ip",   "req_path", "host", "pod",   "trace_id", "id",
                      "size", "m",        "took", "level", "msg",      "n"};
// Some with letters that have an unusual other case: U+212A is a k, U+017F an s.
const Texts kWords = {"info",        "warn",      "Error", "served", "cache", "miss", "Retry",
                      "\u212aelvin", "po\u017ft", "größe", "SKIP",   "disk",  "GRÖßE"};
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

ShapedLines::ShapedLines(Random& random, RareTexts& rare)
    : random_(random),
      rare_(rare),
      style_(static_cast<Style>(random.Below(4))),
      quotes_(random.Chance(30)),
      upper_(random.Chance(20)),
      time_form_(random.Below(3)),
      unit_(random.Pick<std::string>({"", "ms", "kB", "MiB"})),
      separator_(random.Pick<std::string>({",", ", ", ";", " ", "&"})) {
  constexpr uint64_t kKinds = static_cast<uint64_t>(Kind::kEvent) + 1;
  for (uint64_t count = 3 + random_.Below(4); count > 0; --count) {
    const std::string& name = random_.Pick(kNames);
    AddField(name, static_cast<Kind>(random_.Below(kKinds)));
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
  Field& field = fields_.emplace_back();
  field.kind = kind;
  field.before = std::move(before);
  if (kind == Kind::kRareId || kind == Kind::kEvent) return;
  field.recurring_percent = random_.Pick<uint64_t>({0, 0, 30, 100});
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
      return Pod();
    case Kind::kUuid:
      return Uuid();
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
    case Kind::kRareId:
      return RareId();
    case Kind::kEvent:
      return Event();
  }
  return "";
}

std::string ShapedLines::Address() {
  std::string address = "10." + Number(4);
  address += "." + Number(256);
  address += "." + Number(256);
  if (random_.Chance(10)) address += ":" + Number(65536);
  return address;
}

std::string ShapedLines::Path() {
  std::string path;
  for (uint64_t count = 2 + random_.Below(2); count > 0; --count) {
    path += "/" + random_.Pick(kSegments);
  }
  path += "/" + Number(100'000);
  if (random_.Chance(20)) path += "?q=" + Hex(6);
  return path;
}

std::string ShapedLines::Host() {
  std::string host = random_.Pick<std::string>({"web-", "Web-", "db"});
  host += Number(400) + ".";
  host += random_.Pick(kZones) + ".example.com";
  return host;
}

std::string ShapedLines::Pod() {
  std::string pod = random_.Pick(kSegments);
  pod += "-" + Hex(9);
  pod += "-" + Hex(5);
  return pod;
}

std::string ShapedLines::Uuid() {
  std::string uuid = Hex(8);
  uuid += "-" + Hex(4);
  uuid += "-4" + Hex(3);
  uuid += "-" + Hex(4);
  uuid += "-" + Hex(12);
  return uuid;
}

std::string ShapedLines::Version() {
  std::string version = "v" + Number(4);
  version += "." + Number(40);
  version += "." + Number(300);
  if (random_.Chance(40)) version += "-rc." + Number(9);
  return version;
}

std::string ShapedLines::Pairs() {
  std::string pairs;
  for (const std::string& key : kKeys) {
    pairs += (pairs.empty() ? "" : separator_) + key + "=" + Number(key == "ms" ? 3000 : 20);
  }
  return pairs;
}

std::string ShapedLines::Sentence() {
  std::string sentence = random_.Pick(kWords);
  sentence += " task-" + Number(5000);
  sentence += " of " + Host();
  sentence += ": " + random_.Pick(kWords);
  return sentence;
}

std::string ShapedLines::RareId() {
  const std::string place = "/" + random_.Pick(kSegments) + "/";
  return place + rare_.Id();
}

std::string ShapedLines::Event() {
  const std::string task = "task-" + Number(5000) + ".";
  return task + rare_.Event();
}

std::string ShapedLines::Hex(size_t digits) {
  std::string hex(digits, '0');
  for (char& digit : hex) {
    digit = (upper_ ? "0123456789ABCDEF" : "0123456789abcdef")[random_.Below(16)];
  }
  return hex;
}

}  // namespace skald::differential
