#include "distributor/replicator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "common/metrics.h"
#include "ring/in_memory_member_store.h"
#include "support/fake_ingester.h"
#include "support/matchers.h"

namespace skald::distributor {
namespace {

using test::FakeIngester;
using test::HasCode;
using test::IsOk;
using testing::HasSubstr;

class ReplicatorTest : public testing::Test {
 protected:
  void Join(const std::string& id) {
    EXPECT_THAT(
        members_.Put({.id = id, .tokens = ring::MakeTokens(64, std::hash<std::string>()(id))}),
        IsOk());
  }

  Replicator Make(size_t replication_factor) {
    return Replicator(members_, replication_factor, [this](const ring::Member& member) {
      return unreachable_ == member.id ? nullptr : &ingesters_[member.id];
    });
  }

  // Streams s="0" ... each with one entry and a pair of metadata.
  static model::PushBatch Streams(int count) {
    model::PushBatch batch;
    for (int i = 0; i < count; ++i) {
      const std::string value = std::to_string(i);
      auto labels = std::make_shared<const model::Labels>(model::Labels{{"s", value}});
      const auto place = static_cast<uint32_t>(i);
      batch.streams.push_back({.labels = labels,
                               .fingerprint = labels->Hash(),
                               .entry_begin = place,
                               .entry_count = 1});
      batch.metadata.push_back({"k", batch.buffers.emplace_back(value)});
      batch.entries.push_back(
          {.time_ns = i, .line = "line", .metadata_begin = place, .metadata_count = 1});
    }
    return batch;
  }

  // How many ingesters have each stream.
  std::map<std::string, int> Copies() const {
    std::map<std::string, int> copies;
    for (const auto& [id, ingester] : ingesters_) {
      for (const auto& [labels, entries] : ingester.streams()) ++copies[labels];
    }
    return copies;
  }

  const model::TenantId tenant_{"t"};
  ring::InMemoryMemberStore members_;
  std::map<std::string, FakeIngester> ingesters_;
  std::string unreachable_;
};

TEST_F(ReplicatorTest, SendsEverythingToTheOnlyMember) {
  Join("a");
  EXPECT_THAT(Make(1).Push(tenant_, Streams(3)), IsOk());
  EXPECT_EQ(ingesters_["a"].pushes(), 1);
  EXPECT_EQ(Copies().size(), 3u);
}

TEST_F(ReplicatorTest, SendsEachStreamToItsReplicas) {
  for (const char* id : {"a", "b", "c", "d", "e"}) Join(id);
  EXPECT_THAT(Make(3).Push(tenant_, Streams(50)), IsOk());
  const auto copies = Copies();
  EXPECT_EQ(copies.size(), 50u);
  for (const auto& [labels, count] : copies) EXPECT_EQ(count, 3) << labels;
  for (const auto& [id, ingester] : ingesters_) {
    for (const auto& [labels, entries] : ingester.streams()) {
      ASSERT_EQ(entries.size(), 1u);
      EXPECT_EQ("{s=\"" + entries[0].metadata[0].second + "\"}", labels);
    }
  }
}

TEST_F(ReplicatorTest, AQuorumIsEnough) {
  for (const char* id : {"a", "b", "c"}) Join(id);
  unreachable_ = "b";
  EXPECT_THAT(Make(3).Push(tenant_, Streams(5)), IsOk());
  ingesters_["c"].AnswerWith(Unavailable("disk full"));
  EXPECT_THAT(Make(3).Push(tenant_, Streams(5)), HasCode(StatusCode::kUnavailable));
}

TEST_F(ReplicatorTest, CountsIngestersThatDoNotAnswerInTime) {
  Join("late");
  const Replicator unused = Make(1);  // From the start on there is a figure, which is 0.
  EXPECT_THAT(Metrics::Expose(),
              HasSubstr("loki_distributor_ingester_append_timeouts_total{ingester=\"late\"} 0\n"));
  ingesters_["late"].AnswerWith(Status(StatusCode::kDeadlineExceeded, "too slow"));
  EXPECT_THAT(Make(1).Push(tenant_, Streams(1)), HasCode(StatusCode::kDeadlineExceeded));
  ingesters_["late"].AnswerWith(Unavailable("disk full"));
  EXPECT_THAT(Make(1).Push(tenant_, Streams(1)), HasCode(StatusCode::kUnavailable));
  EXPECT_THAT(Metrics::Expose(),
              HasSubstr("loki_distributor_ingester_append_timeouts_total{ingester=\"late\"} 1\n"));
}

TEST_F(ReplicatorTest, FailsWithoutMembers) {
  EXPECT_THAT(Make(1).Push(tenant_, Streams(1)), HasCode(StatusCode::kUnavailable));
  Join("a");
  unreachable_ = "a";
  EXPECT_THAT(Make(1).Push(tenant_, Streams(1)), HasCode(StatusCode::kUnavailable));
}

TEST_F(ReplicatorTest, TellsTheSameRefusalOfReplicasOnce) {
  for (const char* id : {"a", "b", "c"}) {
    Join(id);
    ingesters_[id].RefuseWith(
        {.refusals = {{.code = StatusCode::kResourceExhausted, .message = "too many streams"}}});
  }
  const auto outcome = Make(3).Push(tenant_, Streams(4));
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome->refusals.size(), 1u);
  EXPECT_EQ(outcome->refusals[0].message, "too many streams");
}

}  // namespace
}  // namespace skald::distributor
