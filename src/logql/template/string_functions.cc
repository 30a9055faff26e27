#include <algorithm>
#include <string>

#include "common/utf8.h"
#include "logql/template/letter_case.h"
#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;

bool IsSpace(uint32_t rune) {
  return (rune >= '\t' && rune <= '\r') || rune == ' ' || rune == 0x85 || rune == 0xa0 ||
         rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200a) || rune == 0x2028 || rune == 0x2029 ||
         rune == 0x202f || rune == 0x205f || rune == 0x3000;
}

// The character at the end of a text; one byte if it is no UTF-8. Requires: !text.empty().
std::string_view LastRune(std::string_view text) {
  for (size_t length = std::min<size_t>(text.size(), 4); length > 1; --length) {
    const std::string_view last = text.substr(text.size() - length);
    if (const Rune rune = DecodeRune(last); rune.valid && rune.length == length) {
      return last;
    }
  }
  return text.substr(text.size() - 1);
}

std::string WithCase(std::string_view text, bool upper) {
  std::string out;
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    AppendRune(out, upper ? ToUpperRune(rune.value) : ToLowerRune(rune.value));
    text.remove_prefix(rune.length);
  }
  return out;
}

bool Lower(Call& call) { return call.GiveText(WithCase(call.text(0), false)); }
bool Upper(Call& call) { return call.GiveText(WithCase(call.text(0), true)); }

bool Title(Call& call) {
  std::string out;
  bool begins = true;
  for (std::string_view text = call.text(0); !text.empty();) {
    const Rune rune = DecodeRune(text);
    AppendRune(out, begins ? ToUpperRune(rune.value) : rune.value);
    const uint32_t c = rune.value;
    const bool word =
        ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '_';
    begins = c < 0x80 ? !word : IsSpace(c);
    text.remove_prefix(rune.length);
  }
  return call.GiveText(out);
}

std::string ReplaceText(std::string_view text, std::string_view from, std::string_view to,
                        int64_t most) {
  std::string out;
  size_t at = 0;
  while (most != 0 && out.size() <= kMaxTemplateTextBytes) {
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
  return call.GiveText(ReplaceText(call.text(2), call.text(0), call.text(1), -1));
}
bool ReplaceSome(Call& call) {
  return call.GiveText(ReplaceText(call.text(0), call.text(1), call.text(2), call.integer(3)));
}

// `text` without the characters at its ends that `drops` names.
template <typename Drops>
std::string_view TrimRunes(std::string_view text, bool left, bool right, const Drops& drops) {
  while (left && !text.empty()) {
    const Rune rune = DecodeRune(text);
    if (!drops(rune.value)) break;
    text.remove_prefix(rune.length);
  }
  while (right && !text.empty()) {
    const std::string_view last = LastRune(text);
    if (!drops(DecodeRune(last).value)) break;
    text.remove_suffix(last.size());
  }
  return text;
}

std::string_view TrimSet(std::string_view text, std::string_view set, bool left, bool right) {
  return TrimRunes(text, left, right, [&](uint32_t rune) {
    for (std::string_view rest = set; !rest.empty();) {
      const Rune member = DecodeRune(rest);
      if (member.value == rune) return true;
      rest.remove_prefix(member.length);
    }
    return false;
  });
}

bool Trim(Call& call) { return call.GiveText(TrimSet(call.text(0), call.text(1), true, true)); }
bool TrimLeft(Call& call) {
  return call.GiveText(TrimSet(call.text(0), call.text(1), true, false));
}
bool TrimRight(Call& call) {
  return call.GiveText(TrimSet(call.text(0), call.text(1), false, true));
}
bool TrimAll(Call& call) { return call.GiveText(TrimSet(call.text(1), call.text(0), true, true)); }
bool TrimSpace(Call& call) { return call.GiveText(TrimRunes(call.text(0), true, true, IsSpace)); }

std::string_view CutPrefix(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}
std::string_view CutSuffix(std::string_view text, std::string_view suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}
bool TrimPrefixOf(Call& call) { return call.GiveText(CutPrefix(call.text(0), call.text(1))); }
bool TrimSuffixOf(Call& call) { return call.GiveText(CutSuffix(call.text(0), call.text(1))); }
bool TrimPrefixFrom(Call& call) { return call.GiveText(CutPrefix(call.text(1), call.text(0))); }
bool TrimSuffixFrom(Call& call) { return call.GiveText(CutSuffix(call.text(1), call.text(0))); }

bool Contains(Call& call) {
  return call.Give(TemplateValue::Bool(call.text(1).find(call.text(0)) != std::string_view::npos));
}
bool HasPrefix(Call& call) {
  return call.Give(TemplateValue::Bool(call.text(1).starts_with(call.text(0))));
}
bool HasSuffix(Call& call) {
  return call.Give(TemplateValue::Bool(call.text(1).ends_with(call.text(0))));
}

bool Truncate(Call& call) {
  const std::string_view text = call.text(1);
  const int64_t count = call.integer(0);
  const auto size = static_cast<int64_t>(text.size());
  if (count < 0 && size + count > 0) {
    return call.GiveText(text.substr(static_cast<size_t>(size + count)));
  }
  return call.GiveText(count >= 0 && size > count ? text.substr(0, static_cast<size_t>(count))
                                                  : text);
}

bool Substring(Call& call) {
  const std::string_view text = call.text(2);
  const int64_t start = call.integer(0);
  const int64_t end = call.integer(1);
  const auto size = static_cast<int64_t>(text.size());
  const auto outside = [&](const std::string& what) {
    return call.Fail("runtime error: slice bounds out of range [" + what);
  };
  if (start < 0) {
    if (end < 0 || end > size) {
      return outside(":" + std::to_string(end) +
                     (end < 0 ? "]" : "] with length " + std::to_string(size)));
    }
    return call.GiveText(text.substr(0, static_cast<size_t>(end)));
  }
  if (end < 0 || end > size) {
    if (start > size) {
      return outside(std::to_string(start) + ":" + std::to_string(size) + "]");
    }
    return call.GiveText(text.substr(static_cast<size_t>(start)));
  }
  if (start > end) {
    return outside(std::to_string(start) + ":" + std::to_string(end) + "]");
  }
  return call.GiveText(text.substr(static_cast<size_t>(start), static_cast<size_t>(end - start)));
}

bool Indented(Call& call, std::string_view before) {
  const int64_t count = call.integer(0);
  if (count < 0) {
    return call.Fail("strings: negative Repeat count");
  }
  if (static_cast<uint64_t>(count) > kMaxTemplateTextBytes) {
    return call.Fail("the result is too long");
  }
  const std::string pad(static_cast<size_t>(count), ' ');
  return call.GiveText(std::string(before) + pad + ReplaceText(call.text(1), "\n", "\n" + pad, -1));
}
bool Indent(Call& call) { return Indented(call, ""); }
bool NewlineIndent(Call& call) { return Indented(call, "\n"); }

bool Repeat(Call& call) {
  const int64_t count = call.integer(0);
  const std::string_view text = call.text(1);
  if (count < 0) {
    return call.Fail("strings: negative Repeat count");
  }
  if (!text.empty() && static_cast<uint64_t>(count) > kMaxTemplateTextBytes / text.size()) {
    return call.Fail("the result is too long");
  }
  std::string out;
  for (int64_t i = 0; i < count && !text.empty(); ++i) {
    out += text;
  }
  return call.GiveText(out);
}

bool Align(Call& call, bool right) {
  const std::string_view text = call.text(1);
  const int64_t count = call.integer(0);
  std::vector<size_t> starts;  // Of characters, and of what would follow the last.
  for (size_t at = 0; at < text.size(); at += DecodeRune(text.substr(at)).length) {
    starts.push_back(at);
  }
  const auto length = static_cast<int64_t>(starts.size());
  starts.push_back(text.size());
  if (count < 0 || count == length) {
    return call.GiveText(text);
  }
  if (length < count) {
    if (static_cast<uint64_t>(count) > kMaxTemplateTextBytes) {
      return call.Fail("the result is too long");
    }
    const std::string pad(static_cast<size_t>(count - length), ' ');
    return call.GiveText(right ? pad + std::string(text) : std::string(text) + pad);
  }
  return call.GiveText(right ? text.substr(starts[static_cast<size_t>(length - count)])
                             : text.substr(0, starts[static_cast<size_t>(count)]));
}
bool AlignLeft(Call& call) { return Align(call, false); }
bool AlignRight(Call& call) { return Align(call, true); }

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
  };
  return table;
}

}  // namespace skald::logql
