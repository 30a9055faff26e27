#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skald::ring {

enum class MemberState { kPending, kJoining, kActive, kLeaving, kUnhealthy };

// The name as /ring and the metrics spell it: "ACTIVE" ...
std::string_view MemberStateName(MemberState state);

// A process that holds a share of the streams.
struct Member {
  std::string id;
  std::string address;  // host:port of its gRPC; empty for the one in this process.
  std::string zone;
  MemberState state = MemberState::kActive;
  int64_t registered_ns = 0;
  int64_t heartbeat_ns = 0;
  std::vector<uint32_t> tokens;

  friend bool operator==(const Member&, const Member&) = default;
};

// Where a key's replicas live: members clockwise from the key's place on a circle of 2^32.
//
// Threads: immutable once built; share it.
// Cost:    eight bytes a token. A lookup is one binary search and a short walk.
class TokenRing {
 public:
  TokenRing() = default;
  explicit TokenRing(std::vector<Member> members);

  const std::vector<Member>& members() const { return members_; }

  // Members to write `key` to, as indexes into members(): the first `replicas` distinct ones from
  // the key on, in ring order, and beyond that one more for each of them that is not active (it
  // may miss what is written now). Fewer when there are not so many members.
  std::vector<uint32_t> ReplicasOf(uint32_t key, size_t replicas) const;

  // Whether the work that `key` stands for is the member's: of the members clockwise from it the
  // first active one has it, or the very first if none is active. Every key has one owner, as long
  // as the ring has a member with tokens.
  bool IsOwner(uint32_t key, std::string_view member_id) const;

  // How many of `replicas` copies must be written for readers of as many to see the entry.
  static constexpr size_t Quorum(size_t replicas) { return replicas / 2 + 1; }

  size_t CountInState(MemberState state) const;

 private:
  struct Place {
    uint32_t token;
    uint32_t member;
  };

  std::vector<Member> members_;
  std::vector<Place> places_;  // Sorted by token.
};

// `count` distinct tokens, the same for the same seed.
std::vector<uint32_t> MakeTokens(size_t count, uint64_t seed);

// The place on the ring of what has such a name.
uint32_t NameKey(std::string_view tenant, std::string_view folder, std::string_view name);

// The place of a stream of a tenant on the ring.
uint32_t StreamKey(std::string_view tenant, uint64_t fingerprint);

}  // namespace skald::ring
