#include <algorithm>
#include <string>

#include "common/regex.h"
#include "common/utf8.h"
#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;

constexpr size_t kMaxTextBytes = 4 << 20;  // Of one result: `repeat` could ask for anything.

bool Give(Call& call, std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    call.error = "the result is too long";
    return false;
  }
  call.result = TemplateValue::String(call.heap.texts.Copy(text));
  return true;
}
bool Give(Call& call, bool value) {
  call.result = TemplateValue::Bool(value);
  return true;
}
std::string_view Text(const Call& call, size_t arg) { return call.args[arg].text; }
int64_t Int(const Call& call, size_t arg) { return call.args[arg].integer; }

// Simple case mapping: ASCII, Latin-1, Latin Extended-A, Greek, Cyrillic.
uint32_t MapCase(uint32_t rune, bool upper) {
  const auto shift = [&](uint32_t first_upper, uint32_t last_upper, uint32_t distance) {
    if (!upper && rune >= first_upper && rune <= last_upper) return rune + distance;
    if (upper && rune >= first_upper + distance && rune <= last_upper + distance) {
      return rune - distance;
    }
    return rune;
  };
  if (rune < 0x80) return shift('A', 'Z', 32);
  if (rune == 0xD7 || rune == 0xF7) return rune;
  if (rune < 0x100) return rune == 0xFF && upper ? 0x178 : shift(0xC0, 0xDE, 32);
  if ((rune >= 0x100 && rune <= 0x137) || (rune >= 0x14A && rune <= 0x177)) {
    return upper ? rune & ~1u : rune | 1u;
  }
  if (rune >= 0x391 && rune <= 0x3C9 && rune != 0x3C2) return shift(0x391, 0x3A9, 32);
  if (rune >= 0x400 && rune <= 0x45F) {
    return rune < 0x410 || rune > 0x44F ? shift(0x400, 0x40F, 80) : shift(0x410, 0x42F, 32);
  }
  return rune;
}

std::string WithCase(std::string_view text, bool upper) {
  std::string out;
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    AppendRune(out, MapCase(rune.value, upper));
    text.remove_prefix(rune.length);
  }
  return out;
}

bool Lower(Call& call) { return Give(call, WithCase(Text(call, 0), false)); }
bool Upper(Call& call) { return Give(call, WithCase(Text(call, 0), true)); }

bool Title(Call& call) {
  std::string out;
  bool begins = true;
  for (std::string_view text = Text(call, 0); !text.empty();) {
    const Rune rune = DecodeRune(text);
    AppendRune(out, begins ? MapCase(rune.value, true) : rune.value);
    const uint32_t c = rune.value;
    begins = c < 0x80 && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !(c >= '0' && c <= '9') &&
             c != '_';
    text.remove_prefix(rune.length);
  }
  return Give(call, out);
}

std::string ReplaceText(std::string_view text, std::string_view from, std::string_view to,
                        int64_t most) {
  std::string out;
  size_t at = 0;
  while (most != 0) {
    size_t hit = from.empty() ? at : text.find(from, at);
    if (hit == std::string_view::npos) break;
    if (from.empty()) {
      out += to;
      --most;
      if (at >= text.size()) break;
      const size_t length = DecodeRune(text.substr(at)).length;
      out += text.substr(at, length);
      at += length;
      continue;
    }
    out += text.substr(at, hit - at);
    out += to;
    at = hit + from.size();
    --most;
  }
  out += at < text.size() ? text.substr(at) : std::string_view();
  return out;
}

bool ReplaceAll(Call& call) {
  return Give(call, ReplaceText(Text(call, 2), Text(call, 0), Text(call, 1), -1));
}
bool ReplaceSome(Call& call) {
  return Give(call, ReplaceText(Text(call, 0), Text(call, 1), Text(call, 2), Int(call, 3)));
}

std::string_view TrimSet(std::string_view text, std::string_view set, bool left, bool right) {
  if (left) {
    text.remove_prefix(std::min(text.find_first_not_of(set), text.size()));
  }
  if (right) {
    text = text.substr(0, text.find_last_not_of(set) + 1);
  }
  return text;
}
constexpr std::string_view kBlanks = " \t\n\v\f\r";
bool Trim(Call& call) { return Give(call, TrimSet(Text(call, 0), Text(call, 1), true, true)); }
bool TrimLeft(Call& call) { return Give(call, TrimSet(Text(call, 0), Text(call, 1), true, false)); }
bool TrimRight(Call& call) {
  return Give(call, TrimSet(Text(call, 0), Text(call, 1), false, true));
}
bool TrimAll(Call& call) { return Give(call, TrimSet(Text(call, 1), Text(call, 0), true, true)); }
bool TrimSpace(Call& call) { return Give(call, TrimSet(Text(call, 0), kBlanks, true, true)); }

std::string_view CutPrefix(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}
std::string_view CutSuffix(std::string_view text, std::string_view suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}
bool TrimPrefixOf(Call& call) { return Give(call, CutPrefix(Text(call, 0), Text(call, 1))); }
bool TrimSuffixOf(Call& call) { return Give(call, CutSuffix(Text(call, 0), Text(call, 1))); }
bool TrimPrefixFrom(Call& call) { return Give(call, CutPrefix(Text(call, 1), Text(call, 0))); }
bool TrimSuffixFrom(Call& call) { return Give(call, CutSuffix(Text(call, 1), Text(call, 0))); }

bool Contains(Call& call) {
  return Give(call, Text(call, 1).find(Text(call, 0)) != std::string_view::npos);
}
bool HasPrefix(Call& call) { return Give(call, Text(call, 1).starts_with(Text(call, 0))); }
bool HasSuffix(Call& call) { return Give(call, Text(call, 1).ends_with(Text(call, 0))); }

bool Truncate(Call& call) {
  const std::string_view text = Text(call, 1);
  const int64_t count = Int(call, 0);
  const auto size = static_cast<int64_t>(text.size());
  if (count < 0 && size + count > 0) {
    return Give(call, text.substr(static_cast<size_t>(size + count)));
  }
  return Give(call, count >= 0 && size > count ? text.substr(0, static_cast<size_t>(count)) : text);
}

bool Substring(Call& call) {
  const std::string_view text = Text(call, 2);
  const int64_t start = Int(call, 0);
  const int64_t end = Int(call, 1);
  const auto size = static_cast<int64_t>(text.size());
  const auto outside = [&](const std::string& what) {
    call.error = "runtime error: slice bounds out of range [" + what;
    return false;
  };
  if (start < 0) {
    if (end < 0 || end > size) {
      return outside(":" + std::to_string(end) + "] with length " + std::to_string(size));
    }
    return Give(call, text.substr(0, static_cast<size_t>(end)));
  }
  if (end < 0 || end > size) {
    if (start > size) {
      return outside(std::to_string(start) + ":" + std::to_string(size) + "]");
    }
    return Give(call, text.substr(static_cast<size_t>(start)));
  }
  if (start > end) {
    return outside(std::to_string(start) + ":" + std::to_string(end) + "]");
  }
  return Give(call, text.substr(static_cast<size_t>(start), static_cast<size_t>(end - start)));
}

std::string Indented(std::string_view text, int64_t count) {
  const std::string pad(static_cast<size_t>(std::clamp<int64_t>(count, 0, 1 << 16)), ' ');
  return pad + ReplaceText(text, "\n", "\n" + pad, -1);
}
bool Indent(Call& call) { return Give(call, Indented(Text(call, 1), Int(call, 0))); }
bool NewlineIndent(Call& call) { return Give(call, "\n" + Indented(Text(call, 1), Int(call, 0))); }

bool Repeat(Call& call) {
  const int64_t count = Int(call, 0);
  const std::string_view text = Text(call, 1);
  if (count < 0) {
    call.error = "strings: negative Repeat count";
    return false;
  }
  if (!text.empty() && static_cast<uint64_t>(count) > kMaxTextBytes / text.size()) {
    call.error = "the result is too long";
    return false;
  }
  std::string out;
  for (int64_t i = 0; i < count && !text.empty(); ++i) {
    out += text;
  }
  return Give(call, out);
}

bool Align(Call& call, bool right) {
  const std::string_view text = Text(call, 1);
  const int64_t count = Int(call, 0);
  std::vector<size_t> starts;
  for (size_t at = 0; at < text.size(); at += DecodeRune(text.substr(at)).length) {
    starts.push_back(at);
  }
  const auto length = static_cast<int64_t>(starts.size());
  if (count < 0 || count == length) {
    return Give(call, text);
  }
  if (length < count) {
    const std::string pad(static_cast<size_t>(std::min<int64_t>(count - length, 1 << 20)), ' ');
    return Give(call, right ? pad + std::string(text) : std::string(text) + pad);
  }
  return Give(call, right ? text.substr(starts[static_cast<size_t>(length - count)])
                          : text.substr(0, starts[static_cast<size_t>(count)]));
}
bool AlignLeft(Call& call) { return Align(call, false); }
bool AlignRight(Call& call) { return Align(call, true); }

bool RegexReplace(Call& call, bool literal) {
  const auto regex = Regex::Compile(Text(call, 0));
  if (!regex.ok()) {
    call.error = regex.status().message();
    return false;
  }
  return Give(call, (*regex)->ReplaceAll(Text(call, 1), Text(call, 2), literal));
}
bool RegexReplaceAll(Call& call) { return RegexReplace(call, false); }
bool RegexReplaceAllLiteral(Call& call) { return RegexReplace(call, true); }

bool CountMatches(Call& call) {
  const auto regex = Regex::Compile(Text(call, 0));
  if (!regex.ok()) {
    call.error = regex.status().message();
    return false;
  }
  const std::string_view text = Text(call, 1);
  std::vector<std::pair<int, int>> groups;
  int64_t count = 0;
  for (size_t at = 0; at <= text.size() && (*regex)->Find(text, at, groups);) {
    ++count;
    const auto end = static_cast<size_t>(groups[0].second);
    at = end + (groups[0].first == groups[0].second ? 1 : 0);
  }
  call.result = TemplateValue::Int(count);
  return true;
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}
constexpr std::string_view kHex = "0123456789ABCDEF";

bool UrlEncode(Call& call) {
  std::string out;
  for (const char c : Text(call, 0)) {
    if (IsUnreserved(c)) {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      out.push_back('%');
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
    }
  }
  return Give(call, out);
}

bool UrlDecode(Call& call) {
  const std::string_view text = Text(call, 0);
  const auto digit = [](char c) {
    const size_t at = kHex.find(c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
  };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      call.error = "invalid URL escape \"" + std::string(text.substr(i, 3)) + "\"";
      return false;
    }
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return Give(call, out);
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool Base64Encode(Call& call) {
  const std::string_view text = Text(call, 0);
  std::string out;
  for (size_t i = 0; i < text.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0);
    }
    for (size_t k = 0; k < 4; ++k) {
      out.push_back(i + k <= text.size() ? kBase64[bits >> (18 - 6 * k) & 63] : '=');
    }
  }
  return Give(call, out);
}

// An error is given as the text.
bool Base64Decode(Call& call) {
  std::string_view text = Text(call, 0);
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  while (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t digit = kBase64.find(text[i]);
    if (digit == std::string_view::npos) {
      return Give(call, "illegal base64 data at input byte " + std::to_string(i));
    }
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count & 0xFF));
    }
  }
  return Give(call, out);
}

bool Html(Call& call) {
  std::string text;
  for (const TemplateValue& arg : call.args) AppendValue(text, arg);
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case 0:
        AppendRune(out, kReplacementRune);
        break;
      default:
        out.push_back(c);
    }
  }
  return Give(call, out);
}

bool Js(Call& call) {
  std::string text;
  for (const TemplateValue& arg : call.args) AppendValue(text, arg);
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '\'' || c == '"') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '<' || c == '>' || c == '&' || c == '=' || (c >= 0 && c < ' ')) {
      out += "\\u00";
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
    } else {
      out.push_back(c);
    }
  }
  return Give(call, out);
}

}  // namespace

std::span<const TemplateFunction> StringTemplateFunctions() {
  static const std::vector<TemplateFunction> table = {
      {"ToLower", {Type::kString}, false, Lower},
      {"ToUpper", {Type::kString}, false, Upper},
      {"lower", {Type::kString}, false, Lower},
      {"upper", {Type::kString}, false, Upper},
      {"title", {Type::kString}, false, Title},
      {"Replace", {Type::kString, Type::kString, Type::kString, Type::kInt}, false, ReplaceSome},
      {"replace", {Type::kString, Type::kString, Type::kString}, false, ReplaceAll},
      {"Trim", {Type::kString, Type::kString}, false, Trim},
      {"TrimLeft", {Type::kString, Type::kString}, false, TrimLeft},
      {"TrimRight", {Type::kString, Type::kString}, false, TrimRight},
      {"TrimPrefix", {Type::kString, Type::kString}, false, TrimPrefixOf},
      {"TrimSuffix", {Type::kString, Type::kString}, false, TrimSuffixOf},
      {"TrimSpace", {Type::kString}, false, TrimSpace},
      {"trim", {Type::kString}, false, TrimSpace},
      {"trimAll", {Type::kString, Type::kString}, false, TrimAll},
      {"trimPrefix", {Type::kString, Type::kString}, false, TrimPrefixFrom},
      {"trimSuffix", {Type::kString, Type::kString}, false, TrimSuffixFrom},
      {"contains", {Type::kString, Type::kString}, false, Contains},
      {"hasPrefix", {Type::kString, Type::kString}, false, HasPrefix},
      {"hasSuffix", {Type::kString, Type::kString}, false, HasSuffix},
      {"trunc", {Type::kInt, Type::kString}, false, Truncate},
      {"substr", {Type::kInt, Type::kInt, Type::kString}, false, Substring},
      {"indent", {Type::kInt, Type::kString}, false, Indent},
      {"nindent", {Type::kInt, Type::kString}, false, NewlineIndent},
      {"repeat", {Type::kInt, Type::kString}, false, Repeat},
      {"alignLeft", {Type::kInt, Type::kString}, false, AlignLeft},
      {"alignRight", {Type::kInt, Type::kString}, false, AlignRight},
      {"regexReplaceAll", {Type::kString, Type::kString, Type::kString}, false, RegexReplaceAll},
      {"regexReplaceAllLiteral",
       {Type::kString, Type::kString, Type::kString},
       false,
       RegexReplaceAllLiteral},
      {"count", {Type::kString, Type::kString}, false, CountMatches},
      {"urlencode", {Type::kString}, false, UrlEncode},
      {"urlquery", {Type::kString}, false, UrlEncode},
      {"urldecode", {Type::kString}, false, UrlDecode},
      {"b64enc", {Type::kString}, false, Base64Encode},
      {"b64dec", {Type::kString}, false, Base64Decode},
      {"html", {Type::kAny}, true, Html},
      {"js", {Type::kAny}, true, Js},
  };
  return table;
}

}  // namespace skald::logql
