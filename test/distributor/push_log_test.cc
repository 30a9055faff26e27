#include "distributor/push_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/logging.h"

namespace skald::distributor {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kValue = "val";
constexpr int64_t kPushTime = 1'700'000'000'000'000'000;

class PushLogTest : public testing::Test {
 protected:
  PushLogTest() { SetLogLevel(LogLevel::kDebug); }
  ~PushLogTest() override { SetLogLevel(LogLevel::kInfo); }

  // What is logged of a push of two streams, whose newest entry is two seconds old.
  std::string Log(const PushContext& context) {
    auto limits = std::make_shared<Limits>();
    limits->operational = config_;
    Tenant tenant("t1", 0, limits);
    const model::TenantId id("t1");
    PushJob job{.tenant_id = id, .tenant = tenant, .context = context};
    model::PushBatch batch;
    for (const char* app : {"a", "b"}) {
      auto profile = std::make_shared<StreamProfile>();
      profile->labels = std::make_shared<const model::Labels>(
          model::Labels{{"app", app}, {"service_name", "svc"}});
      profile->fingerprint = profile->labels->Hash();
      profile->label_bytes = profile->labels->ToString().size();
      profile->service_name_discovered = job.profiles.empty() && discovered_;
      job.profiles.push_back(profile);
    }
    batch.metadata = {{"k", kValue}, {"k", kValue}, {"key", "other"}};
    batch.entries = {{.time_ns = kPushTime - 9'000'000'000, .line = "one", .metadata_count = 3},
                     {.time_ns = kPushTime - 2'000'000'000, .line = "two"},
                     {.time_ns = kPushTime - 5'000'000'000, .line = "three"}};
    batch.streams = {{.label_text = R"({app="a",})", .entry_count = 2},
                     {.service_name_discovered = discovered_, .entry_begin = 2, .entry_count = 1}};
    testing::internal::CaptureStderr();
    LogPush(job, batch, kPushTime);
    return testing::internal::GetCapturedStderr();
  }

  OperationalConfig config_;
  bool discovered_ = false;  // The first stream's service_name.
  const PushContext context_ = {.user_agent = "promtail/2.9",
                                .path = "/loki/api/v1/push",
                                .content_type = "application/x-protobuf",
                                .content_encoding = "snappy",
                                .forwarded_for = " 10.0.0.7 , 10.0.0.1",
                                .body_bytes = 1500};
};

TEST_F(PushLogTest, SaysNothingUnlessItIsAskedTo) { EXPECT_THAT(Log(context_), IsEmpty()); }

TEST_F(PushLogTest, SaysHowAPushCameAndHowLargeItIs) {
  config_.log_push_request = true;
  EXPECT_THAT(Log(context_),
              HasSubstr("level=debug msg=\"push request parsed\" org_id=t1 path=/loki/api/v1/push "
                        "contentType=application/x-protobuf contentEncoding=snappy bodySize=1.5kB "
                        "streams=2 entries=3 streamLabelsSize=39B entriesSize=11B "
                        "structuredMetadataSize=16B totalSize=66B totalExpandedSize=76B "
                        "mostRecentLagMs=2000 presumedAgentIp=10.0.0.7 userAgent=promtail/2.9\n"));
}

TEST_F(PushLogTest, LeavesOutWhatIsNotKnownOfTheClient) {
  config_.log_push_request = true;
  EXPECT_THAT(Log({.path = "/p"}),
              AllOf(Not(HasSubstr("presumedAgentIp")), Not(HasSubstr("userAgent")),
                    HasSubstr("mostRecentLagMs=2000\n")));
}

TEST_F(PushLogTest, IsSilentAboveLevelDebug) {
  config_.log_push_request = true;
  SetLogLevel(LogLevel::kInfo);
  EXPECT_THAT(Log(context_), IsEmpty());
}

TEST_F(PushLogTest, HashesOfLabelsAreThereWhenWanted) {
  config_.log_push_request = true;
  EXPECT_THAT(Log(context_), Not(HasSubstr("hashOfLabels")));
  config_.log_hash_of_labels = true;
  EXPECT_THAT(Log(context_), HasSubstr(" hashOfLabels="));
}

TEST_F(PushLogTest, StreamsAreLoggedOneByOneOfChosenClientsOnly) {
  config_.log_push_request_streams = true;
  EXPECT_THAT(Log(context_),
              AllOf(HasSubstr("msg=\"push request stream\" org_id=t1 stream=\"{app=\\\"a\\\", "
                              "service_name=\\\"svc\\\"}\" entries=2\n"),
                    HasSubstr("entries=1\n")));
  config_.filter_push_request_streams_ips = {"10.0.0.8"};
  EXPECT_THAT(Log(context_), IsEmpty());
  config_.filter_push_request_streams_ips = {"10.0.0.8", "10.0.0.7"};
  EXPECT_THAT(Log(context_), HasSubstr("push request stream"));
}

TEST_F(PushLogTest, TellsWhichStreamsGotTheirServiceNameHere) {
  config_.log_service_name_discovery = true;
  EXPECT_THAT(Log(context_), IsEmpty());
  discovered_ = true;
  EXPECT_THAT(Log(context_),
              AllOf(HasSubstr("level=info msg=\"service name discovered\" org_id=t1 "
                              "service_name=svc stream=\"{app=\\\"a\\\", service_name="),
                    HasSubstr("stream=\"{app=\\\"b\\\", service_name=")));
}

TEST_F(PushLogTest, TellsWhatAttributesOfExportsGrowTo) {
  config_.log_otlp_attribute_expansion = true;
  EXPECT_THAT(Log(context_), IsEmpty());  // Is no export.
  EXPECT_THAT(Log({.format = "otlp"}),
              HasSubstr("level=info msg=\"otlp attributes expanded\" org_id=t1 entries=3 "
                        "attributes=2 attributesSize=12B expandedAttributes=3 "
                        "expandedAttributesSize=16B\n"));
}

}  // namespace
}  // namespace skald::distributor
