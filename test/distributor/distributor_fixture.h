#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "distributor/distributor.h"
#include "ring/in_memory_member_store.h"
#include "support/fake_ingester.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "wire/push_json.h"

namespace skald::distributor {

inline constexpr int64_t kNow = 1'700'000'000'000'000'000;  // As ManualClock starts.

// One set of limits for everyone, which may change.
class ChangingLimits final : public LimitsSource {
 public:
  std::shared_ptr<const Limits> For(std::string_view) const override { return limits_; }
  void Set(const Limits& limits) { limits_ = std::make_shared<const Limits>(limits); }

 private:
  std::shared_ptr<const Limits> limits_ = std::make_shared<const Limits>();
};

// A distributor in front of one ingester that remembers what it is sent.
class DistributorFixture : public testing::Test {
 protected:
  DistributorFixture() { EXPECT_THAT(members_.Put({.id = "a", .tokens = {1}}), test::IsOk()); }

  // Pushes streams given as JSON: R"({"stream":{...},"values":[...]}, ...)".
  PushReply Push(const std::string& streams, const PushContext& context = {}) {
    limits_source_.Set(limits_);
    auto batch = wire::DecodePushJson("{\"streams\":[" + streams + "]}");
    EXPECT_THAT(batch, test::IsOk()) << streams;
    return distributor_.Push(tenant_, context, *std::move(batch));
  }
  // Pushes one stream {t="x"}; each of `values` is the text after the time.
  PushReply PushValues(const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) {
      text += (text.empty() ? "[\"" : ",[\"") + std::to_string(kNow) + "\"," + value + "]";
    }
    return Push(R"({"stream":{"t":"x"},"values":[)" + text + "]}");
  }
  std::vector<test::FakeIngester::Entry> Stored(const std::string& labels) const {
    const auto stream = ingester_.streams().find(labels);
    return stream == ingester_.streams().end() ? std::vector<test::FakeIngester::Entry>()
                                               : stream->second;
  }

  static constexpr char kStream[] = R"({service_name="unknown_service", t="x"})";

  Limits limits_;
  ChangingLimits limits_source_;
  test::ManualClock clock_;
  ring::InMemoryMemberStore members_;
  test::FakeIngester ingester_;
  Replicator replicator_{members_, 1, [this](const ring::Member&) { return &ingester_; }};
  Distributor distributor_{{}, limits_source_, replicator_, clock_};
  model::TenantId tenant_{"t"};
};

}  // namespace skald::distributor
