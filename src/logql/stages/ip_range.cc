#include "logql/stages/ip_range.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>
#include <string>

namespace skald::logql {
namespace {

constexpr size_t kMaxAddressLength = 45;  // "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"

bool IsHex(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void SetPrefix(IpRange::Address& first, IpRange::Address& last, int bits) {
  for (int i = 0; i < 16; ++i) {
    const int fixed = bits - i * 8;
    const uint8_t mask = fixed >= 8 ? 0xFF : fixed <= 0 ? 0 : static_cast<uint8_t>(0xFF00 >> fixed);
    first[static_cast<size_t>(i)] &= mask;
    last[static_cast<size_t>(i)] |= static_cast<uint8_t>(~mask);
  }
}

}  // namespace

std::optional<IpRange::Address> IpRange::ParseAddress(std::string_view text) {
  if (text.size() < 2 || text.size() > kMaxAddressLength) {
    return std::nullopt;
  }
  char terminated[kMaxAddressLength + 1];
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = 0;
  Address address{};
  if (text.find(':') != std::string_view::npos) {
    return inet_pton(AF_INET6, terminated, address.data()) == 1 ? std::optional(address)
                                                                : std::nullopt;
  }
  address[10] = address[11] = 0xFF;
  return inet_pton(AF_INET, terminated, address.data() + 12) == 1 ? std::optional(address)
                                                                  : std::nullopt;
}

Result<IpRange> IpRange::Parse(std::string_view pattern) {
  const Status invalid = InvalidArgument("ip: invalid pattern: \"" + std::string(pattern) + "\"");
  IpRange range;
  const size_t slash = pattern.find('/');
  const size_t dash = pattern.find('-');
  const std::optional<Address> first = ParseAddress(pattern.substr(0, std::min(slash, dash)));
  if (!first) {
    return invalid;
  }
  range.first_ = range.last_ = *first;
  if (slash != std::string_view::npos) {
    const std::string_view text = pattern.substr(slash + 1);
    const bool v6 = pattern.find(':') != std::string_view::npos;
    int bits = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error != std::errc() || end != text.data() + text.size() || bits < 0 ||
        bits > (v6 ? 128 : 32)) {
      return invalid;
    }
    SetPrefix(range.first_, range.last_, v6 ? bits : bits + 96);
  } else if (dash != std::string_view::npos) {
    const std::optional<Address> last = ParseAddress(pattern.substr(dash + 1));
    if (!last || *last < *first) {
      return invalid;
    }
    range.last_ = *last;
  }
  return range;
}

bool IpRange::ContainsText(std::string_view text) const {
  const std::optional<Address> address = ParseAddress(text);
  return address && Contains(*address);
}

bool IpRange::MatchesLine(std::string_view line) const {
  size_t i = 0;
  while (i < line.size()) {
    if (!IsHex(line[i]) && line[i] != ':') {
      ++i;
      continue;
    }
    size_t end = i;
    size_t colons = 0;
    size_t dots = 0;
    size_t first_colon = std::string_view::npos;
    for (; end < line.size() && (IsHex(line[end]) || line[end] == ':' || line[end] == '.'); ++end) {
      if (line[end] == ':' && colons++ == 0) {
        first_colon = end;
      }
      dots += line[end] == '.' ? 1 : 0;
    }
    std::string_view token = line.substr(i, end - i);
    if (dots >= 3 && colons <= 1) {
      // An address of digits and dots, perhaps with words glued to it and a port behind it.
      token =
          token.substr(0, first_colon == std::string_view::npos ? token.size() : first_colon - i);
      while (!token.empty() && !IsDigit(token.front())) {
        token.remove_prefix(1);
      }
      while (!token.empty() && !IsDigit(token.back())) {
        token.remove_suffix(1);
      }
    } else if (colons < 2) {
      token = {};
    }
    if (!token.empty() && ContainsText(token)) {
      return true;
    }
    i = end;
  }
  return false;
}

}  // namespace skald::logql
