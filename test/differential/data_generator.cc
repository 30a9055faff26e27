#include "differential/data_generator.h"

#include <cctype>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/json_writer.h"
#include "differential/random.h"
#include "differential/rare_texts.h"
#include "differential/shaped_lines.h"

namespace skald::differential {
namespace {

enum class Form { kJson, kLogfmt, kAccess, kPacked, kPlain, kMixed };

// A field of a line; its value as text, and as it stands in JSON.
struct Field {
  std::string name;
  std::string text;
  std::string json;
};

const std::vector<std::string> kLevels = {"info", "warn", "error", "debug", "INFO"};
const std::vector<std::string> kMethods = {"GET", "POST", "PUT", "DELETE"};
const std::vector<std::string> kPaths = {"/", "/api/v1/users", "/login", "/items/é", "/a?b=c&d=1"};
const std::vector<std::string> kWords = {
    "timeout",   "connected", "peer reset", "größe geändert", "a=b", "say \"hi\"", "back\\slash",
    "tab\there", "取消",      "",           "line one\ntwo",  "x",   "Timeout",    "{{.x}}"};
const std::vector<std::string> kNumbers = {"0",     "1",   "2",      "7",
                                           "-3",    "0.5", "1.25",   "100",
                                           "1e3",   "-0",  "2.5e-1", "12345678901234567890",
                                           "404.0", "15"};
const std::vector<std::string> kDurations = {"5ms", "1.5s", "250ms", "1m30s", "2h", "10µs", "0s"};
const std::vector<std::string> kSizes = {"12", "3kB", "1.5MB", "2KiB", "512B", "1GB", "0B"};
const std::vector<std::string> kAddresses = {"10.0.0.1",    "10.0.3.7", "192.168.4.20",
                                             "203.0.113.9", "::1",      "2001:db8::1e5"};
const std::vector<std::string> kIds = {"a1b2", "c3d4", "e5f6", "0007"};

std::string Quoted(const std::string& text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

class Generator {
 public:
  explicit Generator(uint64_t seed, std::optional<Amount> large = std::nullopt)
      : random_(seed), large_(large) {}

  DataSet Run() {
    static constexpr int64_t kMidnight = 1'700'006'400;
    const int64_t begin = (random_.Chance(20) ? kMidnight - 200 : 1'700'000'000) * kSecond;
    DataSet data;
    std::set<LabelMap> seen;
    const uint64_t streams = (large_ ? 3 : 1) + random_.Below(5);
    for (uint64_t i = 0; i < streams; ++i) {
      Stream stream{.labels = StreamLabels(), .entries = {}};
      if (!seen.insert(stream.labels).second) continue;
      // Off the full second by nanoseconds of its own, so that no two streams share a time.
      const auto own = static_cast<int64_t>(i % 2 == 0 ? i : -i);
      AddEntries(begin + own, stream);
      data.streams.push_back(std::move(stream));
    }
    if (large_ == Amount::kFiltersOfPacks) AddNoise(begin + 100, data);
    data.rare_texts = rare_.noted();
    return data;
  }

 private:
  LabelMap StreamLabels() {
    LabelMap labels;
    labels["app"] = random_.Pick<std::string>({"web", "api", "worker"});
    if (random_.Chance(80)) labels["env"] = random_.Pick<std::string>({"prod", "dev"});
    if (random_.Chance(30)) labels["level"] = random_.Pick(kLevels);
    if (random_.Chance(20)) labels["pod"] = "größe-" + random_.Pick(kIds);
    if (random_.Chance(15)) labels["status"] = random_.Pick<std::string>({"200", "x"});
    return labels;
  }

  void AddEntries(int64_t begin_ns, Stream& stream) {
    const Form form = static_cast<Form>(random_.Below(6));
    if (large_ && random_.Chance(60)) {
      shaped_.emplace(random_, rare_);
    } else {
      shaped_.reset();
    }
    const uint64_t lines = large_ ? 200 + random_.Below(200) : random_.Below(70);
    const uint64_t count = random_.Chance(5) ? 0 : lines;
    int64_t second = 0;
    for (uint64_t n = 0; n < count; ++n) {
      if (!stream.entries.empty() && random_.Chance(4)) {
        stream.entries.push_back(random_.Pick(stream.entries));
        continue;
      }
      if (n % 20 == 0) rare_.NextEvent();
      if (!random_.Chance(12)) second += random_.Between(1, 12);
      const int64_t late = random_.Chance(8) ? random_.Between(1, 90) : 0;
      const int64_t time_ns = begin_ns + (second - late) * kSecond;
      stream.entries.push_back(
          {.time_ns = time_ns, .line = Line(form, time_ns), .metadata = Metadata()});
    }
  }

  // What lines that no codec shrinks add to a pack, but few grams to its filter.
  void AddNoise(int64_t begin_ns, DataSet& data) {
    Stream& noise = data.streams.emplace_back();
    noise.labels = {{"app", std::string(kNoiseApp)}};
    for (int64_t n = 0; n < 300; ++n) {
      std::string line(2'000, ' ');
      for (char& symbol : line) symbol = "!|~^"[random_.Below(4)];
      noise.entries.push_back(
          {.time_ns = begin_ns + n * kSecond, .line = std::move(line), .metadata = {}});
    }
  }

  LabelMap Metadata() {
    LabelMap metadata;
    if (random_.Chance(40)) {
      metadata["trace_id"] = large_ ? rare_.IdOfMetadata() : random_.Pick(kIds);
    }
    if (random_.Chance(20)) metadata["level"] = random_.Pick(kLevels);
    if (random_.Chance(10)) metadata["size"] = random_.Pick(kSizes);
    if (random_.Chance(5)) metadata["note"] = random_.Pick(kWords);
    return metadata;
  }

  std::string Line(Form form, int64_t time_ns) {
    if (random_.Chance(2)) return "";
    std::string line = shaped_ ? shaped_->Draw(time_ns) : WholeLine(form);
    if (random_.Chance(6)) line.resize(random_.Below(line.size() + 1));
    if (random_.Chance(2)) BreakWord(line);
    return line;
  }

  // Puts a byte that is no UTF-8 into some word.
  void BreakWord(std::string& line) {
    const size_t at = line.find_first_of("aeiou", random_.Below(line.size() + 1));
    if (at != std::string::npos && at > 0 && std::isalpha(line[at - 1]) != 0) {
      line.insert(at, 1, '\xff');
    }
  }

  std::string WholeLine(Form form) {
    switch (form) {
      case Form::kJson:
        return JsonLine();
      case Form::kLogfmt:
        return LogfmtLine();
      case Form::kAccess:
        return AccessLine();
      case Form::kPacked:
        return PackedLine();
      case Form::kPlain:
        return PlainLine();
      case Form::kMixed:
        break;
    }
    return WholeLine(static_cast<Form>(random_.Below(5)));
  }

  Field Text(std::string name, const std::string& text) {
    return {std::move(name), text, Quoted(text)};
  }
  Field Number(std::string name, const std::string& text) { return {std::move(name), text, text}; }

  // Of bad values every tenth.
  const std::string& Mostly(const std::vector<std::string>& good) {
    static const std::vector<std::string> kBad = {"bad", "", "12xy", "NaN", "-", "1 2"};
    return random_.Chance(7) ? random_.Pick(kBad) : random_.Pick(good);
  }

  std::vector<Field> Fields() {
    std::vector<Field> all = {Text("level", random_.Pick(kLevels)),
                              Text("msg", random_.Pick(kWords)),
                              Number("status", random_.Pick<std::string>({"200", "404", "500"})),
                              Text("took", Mostly(kDurations)),
                              Text("size", Mostly(kSizes)),
                              Number("n", random_.Pick(kNumbers)),
                              Text("m", Mostly(kNumbers)),
                              Text("method", random_.Pick(kMethods)),
                              Text("ip", Mostly(kAddresses)),
                              Text("trace_id", random_.Pick(kIds)),
                              Text("app", "inner"),
                              Text("user.name", random_.Pick(kWords)),
                              Text("9lives", "cat"),
                              Number("ok", random_.Pick<std::string>({"true", "false"}))};
    std::vector<Field> some;
    for (Field& field : all) {
      if (random_.Chance(55)) some.push_back(std::move(field));
    }
    if (large_ && random_.Chance(55)) some.push_back(Text("id", rare_.Id()));
    if (large_ && random_.Chance(55)) some.push_back(Text("event", rare_.Event()));
    if (random_.Chance(5) && !some.empty()) some.push_back(random_.Pick(some));
    return some;
  }

  std::string JsonLine() {
    std::vector<std::string> members;
    for (const Field& field : Fields()) members.push_back(Quoted(field.name) + ":" + field.json);
    if (random_.Chance(40)) {
      std::string& request = members.emplace_back("\"req\":{\"path\":");
      request += Quoted(random_.Pick(kPaths));
      request += ", \"id\": " + random_.Pick(kNumbers) + ",\"hdr\":{\"ua\":\"curl\"}}";
    }
    if (random_.Chance(20)) members.push_back(R"("tags":["a",{"b":2},[3]])");
    if (random_.Chance(20)) members.push_back(R"("items":[{"sku":"k1"},{"sku":"k2","qty":3}])");
    if (random_.Chance(10)) members.push_back("\"nothing\":null");
    if (random_.Chance(5)) members.push_back(R"("esc":"\u00e9\n\/\ud83d\ude00")");
    if (random_.Chance(2)) members.push_back("\"odd\":tru");
    const std::string comma = random_.Chance(30) ? " , " : ",";
    std::string line = random_.Chance(5) ? " {" : "{";
    for (size_t i = 0; i < members.size(); ++i) line += (i == 0 ? "" : comma) + members[i];
    return line + "}";
  }

  std::string LogfmtLine() {
    std::string line;
    for (const Field& field : Fields()) {
      const bool bare = field.text.find_first_of(" =\"\\\n\t") == std::string::npos;
      line += (line.empty() ? "" : " ") + field.name + "=" + (bare ? field.text : field.json);
      if (random_.Chance(2)) line += " flag";
      if (random_.Chance(1)) line += " =odd";
    }
    return line;
  }

  std::string AccessLine() {
    std::string line = random_.Pick(kAddresses);
    line += " - " + random_.Pick(kIds);
    line += " [15/Nov/2023] \"" + random_.Pick(kMethods);
    line += " " + random_.Pick(kPaths);
    line += " HTTP/1.1\" " + random_.Pick<std::string>({"200", "404", "500"});
    line += " " + random_.Pick(kNumbers);
    return line;
  }

  std::string PackedLine() {
    std::string line = "{\"pod\":" + Quoted(random_.Pick(kIds)) + ",\"count\":3";
    if (!random_.Chance(15)) line += ",\"_entry\":" + Quoted(LogfmtLine());
    if (random_.Chance(50)) line += ",\"level\":" + Quoted(random_.Pick(kLevels));
    return line + "}";
  }

  std::string PlainLine() {
    std::string line = random_.Pick(kWords);
    if (random_.Chance(30)) line += " \x1b[31mred\x1b[0m";
    if (random_.Chance(40)) line += " took " + random_.Pick(kDurations);
    if (random_.Chance(40)) line += " from " + random_.Pick(kAddresses) + ":80";
    if (large_ && random_.Chance(40)) line += rare_.Event();
    if (large_ && random_.Chance(40)) line += " id " + rare_.Id();
    return line;
  }

  Random random_;
  RareTexts rare_{random_};
  const std::optional<Amount> large_;
  std::optional<ShapedLines> shaped_;  // If lines of the stream are such ones.
};

}  // namespace

DataSet GenerateData(uint64_t seed) { return Generator(seed).Run(); }

DataSet GenerateLargeData(uint64_t seed, Amount amount) { return Generator(seed, amount).Run(); }

}  // namespace skald::differential
