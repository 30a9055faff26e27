#pragma once

#include <string>

#include "common/clock.h"
#include "net/http_types.h"
#include "ring/member_store.h"

namespace skald::api {

// Adapts what administrators see of the cluster's members, and may take out of it: /ring and the
// rings of other parts.
//
// Ownership: borrows ring and clock.
// Threads:   any thread may call.
class RingApi {
 public:
  struct Options {
    std::string own_id;  // Of this process's member, which is alive as long as it answers.
    std::string own_address = {};  // host:port of its gRPC, which the ring itself does not need.
    std::string title = "Ring Status";  // Of the page.
  };

  RingApi(Options options, ring::MemberStore& ring, const Clock& clock);

  // A page for people, or JSON for who accepts that. POST with forget=<id> takes a member out.
  net::Response Ring(net::Request& request);
  // Says that nobody gossips here.
  net::Response Memberlist(net::Request& request);

 private:
  net::Response Forget(const net::Request& request, const std::string& id);
  int64_t HeartbeatOf(const ring::Member& member) const;
  const std::string& AddressOf(const ring::Member& member) const;
  std::string Json() const;
  std::string Page(bool show_tokens) const;
  std::string Row(const ring::Member& member, bool show_tokens) const;

  const Options options_;
  ring::MemberStore& ring_;
  const Clock& clock_;
};

}  // namespace skald::api
