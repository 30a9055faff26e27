#include "ruler/yaml_scalar.h"

#include <algorithm>
#include <initializer_list>

#include "common/base64.h"
#include "common/utf8.h"

namespace skald::ruler {
namespace {

constexpr std::string_view kYamlTags = "tag:yaml.org,2002:";

// Takes what names the base off the front of a number.
int TakeBase(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  const char letter = static_cast<char>(digits[1] | 0x20);
  const bool named = letter == 'x' || letter == 'b' || letter == 'o';
  digits.remove_prefix(named ? 2 : 1);
  return letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
}

bool ParseWhole(std::string_view written, int64_t& number) {
  if (written.starts_with('_')) return false;
  std::string text(written);
  std::erase(text, '_');
  const bool negative = text.starts_with('-');
  if (text.starts_with('+')) text.erase(0, 1);
  std::string_view digits = std::string_view(text).substr(negative ? 1 : 0);
  if (digits.starts_with('-') || digits.starts_with('+')) return false;
  const int base = TakeBase(digits);
  const std::string whole = (negative ? "-" : "") + std::string(digits);
  return ReadsAll(whole, std::from_chars(whole.data(), whole.data() + whole.size(), number, base));
}

bool ParseDecimal(std::string_view written, double& value) {
  if (written.starts_with('_')) return false;
  std::string text(written);
  std::erase(text, '_');
  if (text.find_first_not_of("0123456789+-.eE") != std::string::npos) return false;
  if (text.starts_with('+') && !text.starts_with("+-")) text.erase(0, 1);
  return ReadsAll(text, std::from_chars(text.data(), text.data() + text.size(), value));
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// The short tag of what stands without quotes and tag.
std::string_view TagOfPlain(std::string_view text) {
  if (IsOneOf(text, {"", "~", "null", "Null", "NULL"})) return "!!null";
  if (IsOneOf(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) return "!!bool";
  std::string_view unsigned_text = text;
  if (text.starts_with('+') || text.starts_with('-')) unsigned_text.remove_prefix(1);
  if (IsOneOf(unsigned_text, {".inf", ".Inf", ".INF"})) return "!!float";
  if (IsOneOf(text, {".nan", ".NaN", ".NAN"})) return "!!float";
  int64_t whole = 0;
  if (ParseWhole(text, whole)) return "!!int";
  double value = 0;
  return ParseDecimal(text, value) ? "!!float" : "!!str";
}

// `!!int` of `tag:yaml.org,2002:int`; empty if it says nothing but whether there are quotes.
std::string ShortTag(std::string_view tag) {
  if (tag == "?" || tag == "!") return "";
  if (tag.starts_with(kYamlTags)) return "!!" + std::string(tag.substr(kYamlTags.size()));
  return std::string(tag);
}

}  // namespace

bool ReadsAll(std::string_view text, const std::from_chars_result& result) {
  return result.ec == std::errc() && !text.empty() && result.ptr == text.data() + text.size();
}

bool ParseYamlInteger(std::string_view written, int64_t& number) {
  if (ParseWhole(written, number)) return true;
  constexpr double kLimit = 9223372036854775808.0;
  double value = 0;
  if (!ParseDecimal(written, value) || !(value > -kLimit && value < kLimit)) return false;
  number = static_cast<int64_t>(value);
  return true;
}

Status CheckYamlTag(std::string_view tag, std::string_view text) {
  const std::string wanted = ShortTag(tag);
  if (IsOneOf(wanted, {"", "!!str", "!!binary"})) return {};
  const std::string_view plain = TagOfPlain(text);
  if (plain == wanted || (plain == "!!int" && wanted == "!!float")) return {};
  return InvalidArgument("`" + std::string(text) + "` is no " + wanted);
}

bool IsNullScalar(std::string_view tag, std::string_view text) {
  return !IsTextTag(tag) && TagOfPlain(text) == "!!null";
}

bool IsTextTag(std::string_view tag) {
  return tag == "!" || IsOneOf(ShortTag(tag), {"!!str", "!!binary"});
}

Status DecodeYamlBinary(std::string_view tag, std::string& text) {
  if (ShortTag(tag) != "!!binary") return {};
  std::string bytes;
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });  // As Go's decoder does.
  if (!DecodeBase64(text, bytes)) return InvalidArgument("a !!binary value must be base64");
  if (!IsValidUtf8(bytes)) return InvalidArgument("a !!binary value must be base64 of UTF-8");
  text = std::move(bytes);
  return {};
}

}  // namespace skald::ruler
