#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "common/status.h"

namespace skald::notify {

// One answer to a question for SRV records.
struct SrvTarget {
  std::string host;  // Without a dot at its end.
  uint16_t port = 0;

  friend auto operator<=>(const SrvTarget&, const SrvTarget&) = default;
};

// The targets of a name as _http._tcp.alertmanager.example, sorted.
using SrvLookup = std::function<Result<std::vector<SrvTarget>>(const std::string& name)>;

// Asks the system's name servers. Blocks for as long as /etc/resolv.conf allows. kNotFound if the
// name has no such records, kUnavailable if nobody answers.
Result<std::vector<SrvTarget>> LookUpSrv(const std::string& name);

// The same of one name server, by its IPv4 address.
struct NameServer {
  std::string address;
  uint16_t port = 53;
};
Result<std::vector<SrvTarget>> LookUpSrvAt(const NameServer& server, const std::string& name);

// The targets in a DNS message. kInvalidArgument for bytes that are none.
Result<std::vector<SrvTarget>> ParseSrvAnswer(std::span<const unsigned char> message);

}  // namespace skald::notify
