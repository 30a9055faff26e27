#include "common/json_writer.h"

#include <emmintrin.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "common/piecewise_append.h"
#include "common/text_list.h"
#include "common/utf8.h"

namespace skald {
namespace {

bool IsPlain(char c) {
  return static_cast<signed char>(c) >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' &&
         c != '&';
}

#if defined(__SSE2__)
__m128i LoadHalf(const char* bytes) {
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes));
}
__m128i LoadBytes(const char* bytes) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

// A bit for each of sixteen bytes that does not go into a JSON string as it is.
unsigned SpecialBytes(__m128i bytes) {
  const auto is = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
  // Signed comparison: control characters and everything past ASCII are below a blank.
  const __m128i control = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
  const __m128i json = _mm_or_si128(is('"'), is('\\'));
  const __m128i html = _mm_or_si128(_mm_or_si128(is('<'), is('>')), is('&'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(json, html))));
}
#endif

// Bytes at the front of `text` that go into a JSON string as they are.
size_t PlainPrefix(std::string_view text) {
  const size_t size = text.size();
  const char* const data = text.data();
  size_t i = 0;
#if defined(__SSE2__)
  for (; i + 16 <= size; i += 16) {
    const unsigned mask = SpecialBytes(LoadBytes(data + i));
    if (mask != 0) return i + static_cast<size_t>(__builtin_ctz(mask));
  }
  // What is left with bytes that have been looked at, or of eight and more with some twice.
  if (i > 0 && SpecialBytes(LoadBytes(data + size - 16)) == 0) return size;
  if (i == 0 && size >= 8 &&
      SpecialBytes(_mm_unpacklo_epi64(LoadHalf(data), LoadHalf(data + size - 8))) == 0) {
    return size;
  }
#endif
  while (i < size && IsPlain(data[i])) ++i;
  return i;
}

void AppendUnicodeEscape(std::string& out, uint32_t value) {
  out.append("\\u");
  AppendHexDigits(out, value, 4);
}

// Appends the one ASCII character that PlainPrefix stopped at.
void AppendJsonEscape(std::string& out, char c) {
  switch (c) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      AppendUnicodeEscape(out, static_cast<uint8_t>(c));
  }
}

// The shortest digits that read back as `value`, and where the decimal point lies among them:
// value = 0.d1d2d3... * 10^point.
struct ShortestDecimal {
  char digits[20];
  int count = 0;
  int point = 0;
};

// Requires: value is finite and above zero.
ShortestDecimal ToShortestDecimal(double value) {
  char buffer[32];
  const char* end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  ShortestDecimal decimal;
  const char* p = buffer;
  for (; *p != 'e'; ++p) {
    if (*p != '.') decimal.digits[decimal.count++] = *p;
  }
  ++p;                 // 'e'
  if (*p == '+') ++p;  // from_chars takes no plus sign.
  std::from_chars(p, end, decimal.point);
  ++decimal.point;
  return decimal;
}

void AppendFixed(std::string& out, double value) {
  if (std::signbit(value)) out.push_back('-');
  if (value == 0) {
    out.push_back('0');
    return;
  }
  const ShortestDecimal decimal = ToShortestDecimal(std::fabs(value));
  if (decimal.point <= 0) {
    out.append("0.");
    out.append(static_cast<size_t>(-decimal.point), '0');
    out.append(decimal.digits, decimal.count);
  } else if (decimal.point >= decimal.count) {
    out.append(decimal.digits, decimal.count);
    out.append(static_cast<size_t>(decimal.point - decimal.count), '0');
  } else {
    out.append(decimal.digits, decimal.point);
    out.push_back('.');
    out.append(decimal.digits + decimal.point, decimal.count - decimal.point);
  }
}

void AppendScientific(std::string& out, double value) {
  char buffer[32];
  const char* end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, end - buffer);
  // Compat: e-09 is written e-9, and e+21 keeps its sign.
  const size_t exponent = text.find('e');
  out.append(text.substr(0, exponent + 2));
  std::string_view digits = text.substr(exponent + 2);
  if (digits.size() == 2 && digits[0] == '0') digits.remove_prefix(1);
  out.append(digits);
}

// Appends texts as strings, with a comma before all but the first of the list.
void AppendSome(const TextList& texts, size_t begin, size_t end, std::string& out) {
  // Fetched so far ahead that they are there in time: sorted ones lie anywhere.
  constexpr size_t kAhead = 16;
  // Strings that need no escapes are put together here: appending each costs more than it.
  std::array<char, 4096> buffer;
  size_t used = 0;
  const auto flush = [&] {
    out.append(buffer.data(), used);
    used = 0;
  };
  for (size_t i = begin; i < end; ++i) {
    texts.Prefetch(i + kAhead);
    const std::string_view text = texts[i];
    if (used + text.size() + 3 > buffer.size()) flush();
    if (i > 0) buffer[used++] = ',';
    if (text.size() + 3 <= buffer.size() && PlainPrefix(text) == text.size()) {
      buffer[used++] = '"';
      std::memcpy(buffer.data() + used, text.data(), text.size());
      used += text.size();
      buffer[used++] = '"';
    } else {
      flush();
      AppendJsonString(out, text);
    }
  }
  flush();
}

bool IsHtml(char c) { return c == '<' || c == '>' || c == '&'; }

void AppendQuoted(std::string& out, std::string_view text, bool keep_html) {
  out.push_back('"');
  while (!text.empty()) {
    const size_t plain = PlainPrefix(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (static_cast<uint8_t>(text[0]) < 0x80) {
      if (keep_html && IsHtml(text[0])) {
        out.push_back(text[0]);
      } else {
        AppendJsonEscape(out, text[0]);
      }
      text.remove_prefix(1);
      continue;
    }
    const Rune rune = DecodeRune(text);
    if (!rune.valid || rune.value == 0x2028 || rune.value == 0x2029) {
      AppendUnicodeEscape(out, rune.value);
    } else {
      out.append(text.substr(0, rune.length));
    }
    text.remove_prefix(rune.length);
  }
  out.push_back('"');
}

}  // namespace

void JsonWriter::Separate() {
  if (need_comma_) out_.push_back(',');
  need_comma_ = true;
}

void JsonWriter::BeginObject() {
  Separate();
  out_.push_back('{');
  need_comma_ = false;
}

void JsonWriter::EndObject() {
  out_.push_back('}');
  need_comma_ = true;
}

void JsonWriter::BeginArray() {
  Separate();
  out_.push_back('[');
  need_comma_ = false;
}

void JsonWriter::EndArray() {
  out_.push_back(']');
  need_comma_ = true;
}

void JsonWriter::Key(std::string_view name) {
  Separate();
  AppendJsonString(out_, name);
  out_.push_back(':');
  need_comma_ = false;
}

void JsonWriter::String(std::string_view text) {
  Separate();
  AppendJsonString(out_, text);
}

void JsonWriter::Int(int64_t value) {
  Separate();
  char buffer[24];
  out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr - buffer);
}

void JsonWriter::Uint(uint64_t value) {
  Separate();
  char buffer[24];
  out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr - buffer);
}

void JsonWriter::Double(double value) {
  Separate();
  // Compat: the bounds at which Go's encoder turns to an exponent.
  const double magnitude = std::fabs(value);
  if (magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21)) {
    AppendScientific(out_, value);
  } else {
    AppendFixed(out_, value);
  }
}

void JsonWriter::Bool(bool value) { Raw(value ? "true" : "false"); }

void JsonWriter::Null() { Raw("null"); }

void JsonWriter::Raw(std::string_view json) {
  Separate();
  out_.append(json);
}

void AppendJsonString(std::string& out, std::string_view text) {
  AppendQuoted(out, text, /*keep_html=*/false);
}

Status AppendJsonStrings(std::string& out, const TextList& texts, const CancelToken& cancel,
                         Executor* workers) {
  constexpr size_t kTextsAtOnce = 32768;
  out.push_back('[');
  SKALD_RETURN_IF_ERROR(AppendPiecewise(
      texts.size(), kTextsAtOnce, cancel, workers, out,
      [&](size_t begin, size_t end, std::string& to) { AppendSome(texts, begin, end, to); }));
  out.push_back(']');
  return {};
}

void AppendJsonStringWithHtml(std::string& out, std::string_view text) {
  AppendQuoted(out, text, /*keep_html=*/true);
}

void AppendSampleValue(std::string& out, double value) {
  if (std::isnan(value)) {
    out.append("NaN");
  } else if (std::isinf(value)) {
    out.append(value > 0 ? "+Inf" : "-Inf");
  } else {
    AppendFixed(out, value);
  }
}

}  // namespace skald
