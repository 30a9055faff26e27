#include "differential/stage_generator.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

#include "common/ascii.h"
#include "common/quote.h"
#include "differential/query_texts.h"

namespace skald::differential {
namespace {

using Texts = std::vector<std::string>;

const Texts kNames = {"app",
                      "env",
                      "level",
                      "status",
                      "took",
                      "size",
                      "n",
                      "m",
                      "method",
                      "trace_id",
                      "ip",
                      "msg",
                      "pod",
                      "ok",
                      "req_id",
                      "nope",
                      "level_extracted",
                      "app_extracted",
                      "user_name",
                      "req_path",
                      "_9lives",
                      "a",
                      "b"};
const Texts kValues = {"info", "error", "warn", "200",  "404", "500", "GET", "inner",    "x",  "",
                       "a1b2", "true",  "dev",  "prod", "web", "5ms", "3kB", "10.0.0.1", "cat"};
const Texts kRegexes = {"info|error", "4..",   ".*", ".+",   "e.*",       ".*o.*", "(?i)INFO",
                        "[a-m].*",    "^200$", "",   "we.+", "a1b2|c3d4", "\\d+",  ".*rr.*|w.*"};
const Texts kRanges = {"10.0.0.0/8",    "10.0.0.1", "192.168.0.0-192.168.9.255",
                       "2001:db8::/32", "::1",      "203.0.113.0/24"};
const Texts kTemplates = {"{{.level}}",
                          "{{.msg}} {{.status}}",
                          "{{__line__}}!",
                          "x",
                          "{{.level | ToUpper}}-{{.nope}}",
                          "{{if .level}}l={{.level}}{{end}}",
                          "{{.n}}",
                          "level={{.level}} n={{.n}}",
                          "{{ __timestamp__ | unixEpoch }}",
                          "{\"n\":{{.n}}}",
                          "",
                          "{{.app}}/{{.env}}",
                          "{{add .n 1}}",
                          "{{range $k, $v := .}}{{$k}} {{end}}",
                          "{{ .took | duration }}"};
const Texts kCaptures = {R"((?P<method>GET|POST) (?P<path>\S+))",
                         R"((?P<a>\w+)=(?P<b>\w*))",
                         R"((?P<status>\d{3}))",
                         R"(^(?P<ip>\S+) - (?P<b>\S+))",
                         R"((?P<a>x)?(?P<b>.))",
                         "took (?P<took>[^ ]+)",
                         "(?P<level>inf|err)"};
const Texts kPatterns = {"<ip> - <b> [<_>] \"<method> <path> <_>\" <status> <n>",
                         "<a>=<b> <_>",
                         "<_>level=<level> <_>",
                         "<a> <b>",
                         "<level>",
                         "{<a>:<b>,",
                         "<_> from <ip>:"};
// None begins another: of what is broken within both, it is nobody's contract which is found.
const Texts kPaths = {
    "req.path", "req.id",     "tags[0]",   "items[1].sku", "user.name", "[\\\"user.name\\\"]",
    "nope.x",   "req.hdr.ua", "tags[1].b", "level",        "n"};

// Whether one of `wanted`, `name` or `name="x"`, is of that name.
bool IsListed(const Texts& wanted, const std::string& name) {
  return std::ranges::any_of(
      wanted, [&](const std::string& w) { return w.substr(0, w.find('=')) == name; });
}

std::string Join(const Texts& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

}  // namespace

const std::string& StageGenerator::LabelName() { return random_.Pick(kNames); }

std::string StageGenerator::LabelList(uint64_t at_most) {
  std::string list;
  for (uint64_t n = random_.Below(at_most + 1); n > 0; --n) {
    list += (list.empty() ? "" : ",") + LabelName();
  }
  return list;
}

std::string StageGenerator::Selector() {
  if (data_.streams.empty() || random_.Chance(35)) {
    return random_.Pick<std::string>({R"({app=~".+"})", R"({app=~"web|api"})", R"({env!=""})",
                                      R"({app=~"w.*"})", R"({app="web"})",
                                      R"({env=~"pro.",app!="api"})"});
  }
  return SelectorOf(random_.Pick(data_.streams).labels);
}

std::string StageGenerator::SelectorOf(const LabelMap& labels) {
  std::string text = "{app=" + GoQuote(labels.at("app"));
  for (const auto& [name, value] : labels) {
    if (name == "app" || random_.Chance(60)) continue;
    text += random_.Chance(80) ? "," + name + "=" + GoQuote(value) : "," + name + "!~\"zz.*\"";
  }
  if (random_.Chance(10)) text += R"(,nope="")";
  return text + "}";
}

std::string StageGenerator::SomeLine() {
  if (data_.streams.empty() || random_.Chance(5)) return "nowhere to be found";
  const Stream& stream = random_.Pick(data_.streams);
  return stream.entries.empty() ? "level" : ValidUtf8(random_.Pick(stream.entries).line);
}

std::string StageGenerator::LineLiteral() {
  if (random_.Chance(30)) return random_.Pick<std::string>({"level", "e", "", "GET", "took", "\""});
  const std::string line = SomeLine();
  const size_t from = random_.Below(line.size() + 1);
  return ValidUtf8(line.substr(from, 1 + random_.Below(random_.Chance(20) ? 40 : 8)));
}

std::string StageGenerator::LineRegex() {
  const uint64_t kind = random_.Below(5);
  std::string literal = kind < 4 ? EscapeRegex(LineLiteral()) : "";
  switch (kind) {
    case 0:
      return literal;
    case 1:
      return literal + ".*" + EscapeRegex(LineLiteral());
    case 2:
      return "(?i)" + literal;
    case 3:
      return literal + "|" + EscapeRegex(LineLiteral());
    default:
      return random_.Pick<std::string>({"level=(info|warn)", "\\d+ms", "^$", "[A-Z]{3}", "error$",
                                        "(?i)timeout|reset", "\\bx\\b", "^\\{", ".", "(?s)e.o"});
  }
}

std::string StageGenerator::LinePattern() {
  std::string literal = LineLiteral();
  std::erase_if(literal, [](char c) { return c == '<' || c == '>'; });
  if (literal.empty()) literal = " ";
  switch (random_.Below(4)) {
    case 0:
      return literal + "<_>";
    case 1:
      return literal + "<_>" + literal;
    case 2:
      return "<_>" + literal + "<_>";
    default:
      return random_.Pick<std::string>({"<_>", "", "level=<_> <_>", "<_> took <_>", "<_>}"});
  }
}

std::string StageGenerator::LineFilter() {
  const std::string op =
      random_.Pick<std::string>({"|=", "|=", "|=", "!=", "|~", "|~", "!~", "|>", "!>"});
  std::string text = op;
  do {
    if (text != op) text += " or";
    if (op[1] == '=' && random_.Chance(10)) {
      text += " ip(" + GoQuote(random_.Pick(kRanges)) + ")";
    } else {
      text += " " + GoQuote(op[1] == '='   ? LineLiteral()
                            : op[1] == '~' ? LineRegex()
                                           : LinePattern());
    }
  } while (random_.Chance(15));
  return text;
}

std::string StageGenerator::RareText() {
  std::string text = data_.rare_texts.empty() ? SomeLine() : random_.Pick(data_.rare_texts);
  if (random_.Chance(30)) {
    const size_t from = random_.Below(text.size() + 1);
    text = ValidUtf8(text.substr(from));
  }
  if (!text.empty() && random_.Chance(35)) {
    const auto other = [&](char a, char b) { return text[text.size() / 2] == a ? b : a; };
    const bool digit = std::isxdigit(static_cast<unsigned char>(text[text.size() / 2])) != 0;
    text[text.size() / 2] = digit ? other('7', '3') : other('q', 'v');
  }
  std::erase_if(text, [](char c) { return c == '<' || c == '>'; });  // Patterns have them.
  text = ValidUtf8(text);
  return text.empty() ? "level" : text;
}

std::string StageGenerator::RareTrace() {
  for (int tries = 0; tries < 20 && !data_.streams.empty(); ++tries) {
    const Stream& stream = random_.Pick(data_.streams);
    if (stream.entries.empty()) continue;
    const LabelMap& metadata = random_.Pick(stream.entries).metadata;
    if (const auto trace = metadata.find("trace_id"); trace != metadata.end()) return trace->second;
  }
  return "none";
}

std::string StageGenerator::Search(std::string_view kind) {
  if (kind == "contains") return " |= " + GoQuote(RareText());
  if (kind == "folded") {
    const std::string text = RareText();
    return " |~ " + GoQuote("(?i)" + EscapeRegex(random_.Chance(50) ? UpperCase(text) : text));
  }
  if (kind == "regex") {
    std::string regex = random_.Pick<std::string>({"\\w*", "[^x]?", "(id|event).*"});
    regex += EscapeRegex(RareText());
    regex += random_.Pick<std::string>({"", ".*", "\\b"});
    return " |~ " + GoQuote(regex);
  }
  if (kind == "alternation") {
    std::string regex = random_.Pick<std::string>({"(", "(?i)("});
    regex += EscapeRegex(RareText()) + "|";
    regex += EscapeRegex(RareText()) + ")";
    return " |~ " + GoQuote(regex);
  }
  if (kind == "pattern") return " |> " + GoQuote("<_>" + RareText() + "<_>");
  const std::string trace = random_.Chance(20) ? RareText() : RareTrace();
  if (random_.Chance(50)) return " | trace_id=" + GoQuote(trace);
  return " | trace_id=~" + GoQuote(EscapeRegex(trace) + "|" + EscapeRegex(RareTrace()));
}

std::string StageGenerator::PartSearch() {
  const Stream* stream = nullptr;
  for (int tries = 0; tries < 20 && !data_.streams.empty(); ++tries) {
    stream = &random_.Pick(data_.streams);
    if (!stream->entries.empty() && stream->labels.at("app") != kNoiseApp) break;
  }
  if (stream == nullptr || stream->entries.empty()) return Selector() + parts_.Draw("level");
  const std::string line = ValidUtf8(random_.Pick(stream->entries).line);
  std::string text = random_.Chance(70) ? SelectorOf(stream->labels) : Selector();
  text += parts_.Draw(line);
  if (random_.Chance(30)) text += parts_.Draw(line);
  return text;
}

std::string StageGenerator::Json() {
  if (random_.Chance(70)) return "| json";
  if (random_.Chance(15)) {
    const std::string& name = LabelName();
    return "| json " + name + random_.Pick<std::string>({"=\"req\"", "=\"tags\""});
  }
  Texts wanted;
  do {
    const std::string& name = LabelName();
    const std::string path = random_.Chance(70) ? "=\"" + random_.Pick(kPaths) + "\"" : "";
    if (!IsListed(wanted, name)) wanted.push_back(name + path);
  } while (random_.Chance(40));
  return "| json " + Join(wanted);
}

std::string StageGenerator::Logfmt() {
  std::string text = "| logfmt";
  if (random_.Chance(20)) text += " --strict";
  if (random_.Chance(20)) text += " --keep-empty";
  if (random_.Chance(75)) return text;
  Texts wanted;
  do {
    const std::string& name = LabelName();
    const std::string key = random_.Chance(50) ? "=\"" + LabelName() + "\"" : "";
    if (!IsListed(wanted, name)) wanted.push_back(name + key);
  } while (random_.Chance(40));
  return text + " " + Join(wanted);
}

std::string StageGenerator::Parser() {
  switch (random_.Below(10)) {
    case 0:
      return "| regexp " + GoQuote(random_.Pick(kCaptures));
    case 1:
      return "| pattern " + GoQuote(random_.Pick(kPatterns));
    case 2:
      return "| unpack";
    case 3:
    case 4:
    case 5:
      return Logfmt();
    default:
      return Json();
  }
}

std::string StageGenerator::Matcher() {
  const std::string op = random_.Pick<std::string>({"=", "=", "!=", "=~", "!~"});
  const std::string& name = LabelName();
  return name + op + GoQuote(random_.Pick(op.back() == '~' ? kRegexes : kValues));
}

std::string StageGenerator::Comparison() {
  const std::string op = random_.Pick<std::string>({">", ">=", "<", "<=", "==", "!=", "="});
  std::string text;
  switch (random_.Below(8)) {
    case 0:
      text = random_.Pick<std::string>({"n", "m", "status", "req_id"}) + op;
      text += random_.Pick<std::string>({"1", "0", "7", "404", "0.5", "-1", "1e2"});
      return text;
    case 1:
      return "took" + op + random_.Pick<std::string>({"5ms", "1s", "1.5s", "2m", "250ms"});
    case 2:
      return "size" + op + random_.Pick<std::string>({"12B", "2KB", "1MB", "3kB", "2KiB"});
    case 3:
      text = "ip" + random_.Pick<std::string>({"=", "!="});
      text += "ip(" + GoQuote(random_.Pick(kRanges)) + ")";
      return text;
    case 4:
      return random_.Pick<std::string>({R"(__error__="")", R"(__error__!="")"});
    case 5:
      return LabelName() + op + "1";
    default:
      return Matcher();
  }
}

std::string StageGenerator::LabelFilter(int levels) {
  if (levels == 0 || random_.Chance(60)) return Comparison();
  const std::string op = random_.Pick<std::string>({" and ", " or ", ", "});
  const std::string left = LabelFilter(levels - 1);
  return "(" + left + op + LabelFilter(levels - 1) + ")";
}

std::string StageGenerator::NamesOrMatchers() {
  std::string text;
  do {
    text += (text.empty() ? "" : ", ") + (random_.Chance(60) ? LabelName() : Matcher());
  } while (random_.Chance(50));
  return text;
}

std::string StageGenerator::Template() { return GoQuote(random_.Pick(kTemplates)); }

std::string StageGenerator::LabelFormat() {
  Texts names = {"a", "b", "level", "status", "app", "n"};
  std::string text;
  do {
    const size_t at = random_.Below(names.size());
    text += (text.empty() ? "" : ",") + names[at] + "=";
    text += random_.Chance(50) ? LabelName() : Template();
    names.erase(names.begin() + static_cast<ptrdiff_t>(at));
  } while (random_.Chance(30) && !names.empty());
  return text;
}

std::string StageGenerator::AnyStage() {
  switch (random_.Below(14)) {
    case 0:
      return "| line_format " + Template();
    case 1:
      return "| label_format " + LabelFormat();
    case 2:
      return "| drop " + NamesOrMatchers();
    case 3:
      return "| keep " + NamesOrMatchers();
    case 4:
      return "| decolorize";
    case 5:
    case 6:
      return LineFilter();
    case 7:
    case 8:
      return Parser();
    default:
      return "| " + LabelFilter(2);
  }
}

std::string StageGenerator::Pipeline(bool keeps_details) {
  std::string text;
  std::string previous;
  const auto add = [&](const std::string& stage) {
    // `| drop a` and `!= "x"` after it can't be told from `| drop a != "x"`.
    const bool lists_names = previous.starts_with("| drop") || previous.starts_with("| keep");
    if (lists_names && stage[0] == '!') return;
    text += " " + stage;
    previous = stage;
  };
  while (random_.Chance(30)) add(LineFilter());
  if (random_.Chance(65)) add(Parser());
  while (random_.Chance(40)) add(AnyStage());
  if (!keeps_details) add("| drop __error_details__");
  return text;
}

}  // namespace skald::differential
