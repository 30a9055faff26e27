#include <array>
#include <string>

#include "common/ascii.h"
#include "common/html_escape.h"
#include "common/quote.h"
#include "common/utf8.h"
#include "logql/template/go_format.h"
#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}
constexpr std::string_view kHex = "0123456789ABCDEF";

bool UrlEncoded(Call& call, std::string_view text) {
  std::string out;
  for (const char c : text) {
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
  return call.GiveText(out);
}

bool UrlEncode(Call& call) { return UrlEncoded(call, call.text(0)); }

bool UrlDecode(Call& call) {
  const std::string_view text = call.text(0);
  const auto digit = [](char c) {
    const size_t at = kHex.find(UpperCase(c));
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
      return call.Fail("invalid URL escape " + GoQuote(text.substr(i, 3)));
    }
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return call.GiveText(out);
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool Base64Encode(Call& call) {
  const std::string_view text = call.text(0);
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
  return call.GiveText(out);
}

// Missing padding is no error. An error is given as the text.
bool Base64Decode(Call& call) {
  const auto illegal = [&call](size_t at) {
    return call.GiveText("illegal base64 data at input byte " + std::to_string(at));
  };
  std::string_view text = call.text(0);
  const size_t length = text.size();
  while (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  std::string out;
  uint32_t bits = 0;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || text[i] == '\r') {
      continue;
    }
    const size_t digit = kBase64.find(text[i]);
    if (digit == std::string_view::npos) {
      return illegal(i);
    }
    bits = bits << 6 | static_cast<uint32_t>(digit);
    if (++digits % 4 != 1) {
      out.push_back(static_cast<char>(bits >> (6 - 2 * ((digits - 1) % 4)) & 0xFF));
    }
  }
  constexpr std::array<size_t, 4> kPadding = {0, 0, 2, 1};  // By the digits of the last group.
  const size_t padding = kPadding[digits % 4];
  if (digits % 4 == 1 || length - text.size() > padding) {
    return illegal(text.size() + padding);
  }
  return call.GiveText(out);
}

// What the functions that escape are given, as one text.
std::string Joined(const Call& call) {
  std::vector<TemplateValue> args(call.args.begin(), call.args.end());
  for (TemplateValue& arg : args) {
    if (arg.kind == TemplateValue::Kind::kNil) arg = TemplateValue::String("<no value>");
  }
  std::string text;
  AppendPrint(text, args, kMaxTemplateTextBytes);
  return text;
}

bool UrlQuery(Call& call) { return UrlEncoded(call, Joined(call)); }

bool Html(Call& call) { return call.GiveText(EscapeHtml(Joined(call))); }

void AppendJsEscape(std::string& out, uint32_t rune) {
  out += "\\u";
  for (int shift = rune > 0xfffff ? 20 : rune > 0xffff ? 16 : 12; shift >= 0; shift -= 4) {
    out.push_back(kHex[rune >> shift & 15]);
  }
}

bool Js(Call& call) {
  const std::string text = Joined(call);
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const Rune rune = DecodeRune(rest);
    const auto c = static_cast<char>(rune.value);
    if (rune.value >= 0x80) {
      IsPrintable(rune.value) ? AppendRune(out, rune.value) : AppendJsEscape(out, rune.value);
    } else if (c == '\\' || c == '\'' || c == '"') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '=') {
      AppendJsEscape(out, rune.value);
    } else {
      out.push_back(c);
    }
    rest.remove_prefix(rune.length);
  }
  return call.GiveText(out);
}

}  // namespace

std::span<const TemplateFunction> EncodingTemplateFunctions() {
  static const std::vector<TemplateFunction> table = {
      {"urlencode", {Type::kString}, false, UrlEncode},
      {"urlquery", {Type::kAny}, true, UrlQuery},
      {"urldecode", {Type::kString}, false, UrlDecode},
      {"b64enc", {Type::kString}, false, Base64Encode},
      {"b64dec", {Type::kString}, false, Base64Decode},
      {"html", {Type::kAny}, true, Html},
      {"js", {Type::kAny}, true, Js},
  };
  return table;
}

}  // namespace skald::logql
