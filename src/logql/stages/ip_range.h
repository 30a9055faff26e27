#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/status.h"

namespace skald::logql {

// The addresses that ip("...") stands for: one address, a CIDR block, or a range `a-b`, of IPv4 or
// IPv6.
//
// Threads: a value.
class IpRange {
 public:
  // IPv4 addresses are held as ::ffff:a.b.c.d, so that one comparison serves both.
  using Address = std::array<uint8_t, 16>;

  // kInvalidArgument `ip: invalid pattern: "text"`.
  static Result<IpRange> Parse(std::string_view pattern);
  static std::optional<Address> ParseAddress(std::string_view text);

  bool Contains(const Address& address) const { return first_ <= address && address <= last_; }
  // Whether `text` is an address inside.
  bool ContainsText(std::string_view text) const;
  // Whether any address in the line is inside. Addresses may carry a port.
  bool MatchesLine(std::string_view line) const;

 private:
  Address first_{};
  Address last_{};
};

}  // namespace skald::logql
