#include "notify/srv_lookup.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

#include <algorithm>
#include <array>

namespace skald::notify {
namespace {

// DNS over TCP, to which the resolver changes for long answers, has no longer messages.
constexpr size_t kMaxMessageBytes = 65536;

// Priority, weight and port stand before the target's name.
constexpr size_t kPortAt = 4;
constexpr size_t kNameAt = 6;

uint16_t LoadBigEndian16(const unsigned char* p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }

// Asks the name servers of `state`, and closes it.
Result<std::vector<SrvTarget>> Query(struct __res_state& state, const std::string& name) {
  std::vector<unsigned char> message(kMaxMessageBytes);
  const int size = res_nquery(&state, name.c_str(), ns_c_in, ns_t_srv, message.data(),
                              static_cast<int>(message.size()));
  const int error = state.res_h_errno;
  res_nclose(&state);
  if (size < 0) {
    const std::string text = "SRV records of " + name + ": " + hstrerror(error);
    return error == HOST_NOT_FOUND || error == NO_DATA ? NotFound(text) : Unavailable(text);
  }
  message.resize(std::min<size_t>(static_cast<size_t>(size), message.size()));
  Result<std::vector<SrvTarget>> targets = ParseSrvAnswer(message);
  if (!targets.ok()) return Annotate(std::move(targets).status(), name);
  return targets;
}

}  // namespace

Result<std::vector<SrvTarget>> ParseSrvAnswer(std::span<const unsigned char> message) {
  ns_msg handle;
  if (ns_initparse(message.data(), static_cast<int>(message.size()), &handle) != 0) {
    return InvalidArgument("no DNS message");
  }
  std::vector<SrvTarget> targets;
  for (int i = 0; i < ns_msg_count(handle, ns_s_an); ++i) {
    ns_rr record;
    if (ns_parserr(&handle, ns_s_an, i, &record) != 0) {
      return InvalidArgument("DNS message: a record is damaged");
    }
    if (ns_rr_type(record) != ns_t_srv) continue;
    const unsigned char* data = ns_rr_rdata(record);
    std::array<char, NS_MAXDNAME> host = {};
    if (ns_rr_rdlen(record) <= kNameAt ||
        ns_name_uncompress(ns_msg_base(handle), ns_msg_end(handle), data + kNameAt, host.data(),
                           host.size()) < 0) {
      return InvalidArgument("DNS message: an SRV record is damaged");
    }
    SrvTarget target{.host = host.data(), .port = LoadBigEndian16(data + kPortAt)};
    if (target.host.ends_with('.')) target.host.pop_back();
    if (!target.host.empty()) targets.push_back(std::move(target));  // "." says: no service.
  }
  std::sort(targets.begin(), targets.end());
  return targets;
}

Result<std::vector<SrvTarget>> LookUpSrv(const std::string& name) {
  struct __res_state state = {};
  if (res_ninit(&state) != 0) return Unavailable("no resolver: /etc/resolv.conf");
  return Query(state, name);
}

Result<std::vector<SrvTarget>> LookUpSrvAt(const NameServer& server, const std::string& name) {
  struct __res_state state = {};
  if (res_ninit(&state) != 0) return Unavailable("no resolver: /etc/resolv.conf");
  sockaddr_in& address = state.nsaddr_list[0];
  address = {.sin_family = AF_INET, .sin_port = htons(server.port), .sin_addr = {}, .sin_zero = {}};
  if (inet_pton(AF_INET, server.address.c_str(), &address.sin_addr) != 1) {
    res_nclose(&state);
    return InvalidArgument("name server " + server.address + ": no IPv4 address");
  }
  state.nscount = 1;
  return Query(state, name);
}

}  // namespace skald::notify
