#include "app/own_ring.h"

#include <string>

#include "common/metrics.h"

namespace skald::app {
namespace {

constexpr size_t kRingTokens = 128;  // Of this process; any number does for a ring of one.

void PublishRing(std::string_view part, const ring::TokenRing& ring) {
  const std::string name(part);
  for (const ring::MemberState state :
       {ring::MemberState::kActive, ring::MemberState::kPending, ring::MemberState::kJoining,
        ring::MemberState::kLeaving, ring::MemberState::kUnhealthy}) {
    Metrics::GetGauge("loki_ring_members", "Members of the ring by state.",
                      {{"name", name}, {"state", std::string(MemberStateName(state))}})
        .Set(static_cast<double>(ring.CountInState(state)));
  }
  size_t tokens = 0;
  for (const ring::Member& member : ring.members()) {
    tokens += member.tokens.size();
  }
  Metrics::GetGauge("loki_ring_tokens_total", "Tokens of all members of the ring.",
                    {{"name", name}})
      .Set(static_cast<double>(tokens));
}

}  // namespace

Status JoinRing(std::string_view part, const Clock& clock, ring::MemberStore& ring) {
  ring::Member member;
  member.id = kMemberId;
  member.registered_ns = member.heartbeat_ns = clock.NowNs();
  member.tokens = ring::MakeTokens(kRingTokens, 1);
  SKALD_RETURN_IF_ERROR(ring.Put(std::move(member)));
  PublishRing(part, *ring.ring());
  return {};
}

Status LeaveRing(std::string_view part, ring::MemberStore& ring) {
  SKALD_RETURN_IF_ERROR(ring.Remove(std::string(kMemberId)));
  PublishRing(part, *ring.ring());
  return {};
}

}  // namespace skald::app
