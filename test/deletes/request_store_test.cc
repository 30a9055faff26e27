#include "deletes/request_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/faulty_file_system.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::deletes {
namespace {

using test::HasCode;
using test::IsOk;
using testing::IsEmpty;
using testing::SizeIs;

const model::TenantId kTenant("t");

// Tenants' limits, of which the mode of deletes changes.
class ChangingMode final : public LimitsSource {
 public:
  std::shared_ptr<const Limits> For(std::string_view) const override {
    return std::make_shared<const Limits>(limits_);
  }
  void Set(const char* mode) { limits_.deletion_mode = mode; }

 private:
  Limits limits_;
};

class RequestStoreTest : public testing::Test {
 protected:
  RequestStoreTest() { Reopen(); }

  void Reopen() {
    auto store = RequestStore::Open({.folder = "/deletes", .cancel_period = std::chrono::hours(1)},
                                    files_, limits_, clock_);
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
  }
  DeleteRequest Add(const std::string& query = "{app=\"a\"}") {
    const auto added = store_->Add(
        {.tenant = kTenant, .query = query, .start_ms = 0, .end_ms = 10, .piece_ms = 5});
    EXPECT_THAT(added, IsOk());
    return *added;
  }

  test::FaultyFileSystem files_;
  test::ManualClock clock_;
  ChangingMode limits_;
  std::unique_ptr<RequestStore> store_;
};

TEST_F(RequestStoreTest, HidesFromTheMomentOfARequestAndAfterReopening) {
  EXPECT_EQ(store_->Of(kTenant), nullptr);
  const DeleteRequest request = Add();
  EXPECT_NE(store_->Of(kTenant), nullptr);
  EXPECT_EQ(store_->Of(model::TenantId("other")), nullptr);
  Reopen();
  EXPECT_NE(store_->Of(kTenant), nullptr);
  EXPECT_EQ(store_->List(kTenant), std::vector{request});
  EXPECT_THAT(store_->List(model::TenantId("other")), IsEmpty());
}

TEST_F(RequestStoreTest, TellsOfARequestThatIsInForceAlready) {
  std::vector<std::pair<model::TenantId, model::TimeRange>> told;
  store_->SetListener([&](const model::TenantId& tenant, const RequestPart& part) {
    EXPECT_NE(store_->Of(tenant), nullptr);
    EXPECT_TRUE(model::MatchesAll(part.request->matchers(), {{"app", "a"}}));
    told.emplace_back(tenant, part.range);
  });
  EXPECT_THAT(store_->Add({.tenant = kTenant, .query = "{"}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(told, IsEmpty());
  Add();
  EXPECT_THAT(told, testing::ElementsAre(testing::Pair(kTenant, model::TimeRange{0, 10'000'001})));
}

TEST_F(RequestStoreTest, HidesOnlyThePiecesThatAreLeft) {
  const DeleteRequest request = Add();
  ASSERT_THAT(store_->MarkDone(kTenant, request.id, 1), IsOk());
  EXPECT_EQ(store_->Of(kTenant)->For({{"app", "a"}}, 0, 4'999'999), nullptr);
  EXPECT_NE(store_->Of(kTenant)->For({{"app", "a"}}, 0, 5'000'000), nullptr);
  ASSERT_THAT(store_->MarkDone(kTenant, request.id, 2), IsOk());
  EXPECT_EQ(store_->Of(kTenant), nullptr);
  EXPECT_THAT(store_->List(kTenant), SizeIs(1));
}

TEST_F(RequestStoreTest, CancelsByTheWholeIdOfTheTenantsOwnRequest) {
  const DeleteRequest request = Add();
  EXPECT_THAT(store_->Cancel(kTenant, "", false), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(store_->Cancel(kTenant, request.id.substr(0, 4), true),
              HasCode(StatusCode::kNotFound));
  EXPECT_THAT(store_->Cancel(model::TenantId("o"), request.id, true),
              HasCode(StatusCode::kNotFound));
  ASSERT_THAT(store_->Cancel(kTenant, request.id, false), IsOk());
  EXPECT_EQ(store_->Of(kTenant), nullptr);
  EXPECT_THAT(store_->List(kTenant), IsEmpty());
}

TEST_F(RequestStoreTest, CancelsOnlyByForceAfterThePeriodAndNeverWhatIsProcessed) {
  const DeleteRequest request = Add();
  const DeleteRequest done = Add("{app=\"b\"}");
  clock_.Advance(std::chrono::minutes(61));
  EXPECT_THAT(store_->Cancel(kTenant, request.id, false), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(store_->Cancel(kTenant, request.id, true), IsOk());
  ASSERT_THAT(store_->MarkDone(kTenant, done.id, 2), IsOk());
  EXPECT_THAT(store_->Cancel(kTenant, done.id, true), HasCode(StatusCode::kInvalidArgument));
}

TEST_F(RequestStoreTest, IsDueAMinuteAfterItCouldBeCancelled) {
  const DeleteRequest request = Add();
  clock_.Advance(std::chrono::seconds(3659));
  EXPECT_THAT(store_->Due(), IsEmpty());
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(store_->Due(), std::vector{request});
}

TEST_F(RequestStoreTest, ErasesWhatIsDueOnlyInTheModeThatDeletes) {
  const DeleteRequest request = Add();
  const auto erasable = [&] { return store_->erasable().Of(kTenant); };
  EXPECT_EQ(erasable(), nullptr);
  clock_.Advance(std::chrono::minutes(61));
  EXPECT_NE(erasable(), nullptr);
  EXPECT_EQ(store_->Due(), std::vector{request});

  limits_.Set("filter-only");
  EXPECT_EQ(erasable(), nullptr);
  EXPECT_THAT(store_->Due(), IsEmpty());
  EXPECT_NE(store_->Of(kTenant), nullptr);
}

TEST_F(RequestStoreTest, NeitherHidesNorErasesWhereDeletesAreDisabledButKeepsTheRequest) {
  const DeleteRequest request = Add();
  clock_.Advance(std::chrono::minutes(61));
  limits_.Set("disabled");
  EXPECT_EQ(store_->Of(kTenant), nullptr);
  EXPECT_EQ(store_->erasable().Of(kTenant), nullptr);
  EXPECT_THAT(store_->Due(), IsEmpty());
  EXPECT_EQ(store_->List(kTenant), std::vector{request});
}

TEST_F(RequestStoreTest, ForgetsWhatWasProcessedAMonthAfterItWasMade) {
  const DeleteRequest done = Add("{app=\"secret-1\"}");
  const DeleteRequest pending = Add("{app=\"b\"}");
  ASSERT_THAT(store_->MarkDone(kTenant, done.id, 2), IsOk());
  const auto on_disk = [&](const std::string& text) {
    for (const char* file : {"/deletes/delete_requests", "/deletes/delete_requests.copy"}) {
      const auto bytes = files_.ReadAll(file);
      EXPECT_THAT(bytes, IsOk()) << file;
      if (bytes->find(text) != std::string::npos) return true;
    }
    return false;
  };
  clock_.Advance(std::chrono::hours(29 * 24));
  ASSERT_THAT(store_->ForgetOld(), IsOk());
  EXPECT_THAT(store_->List(kTenant), SizeIs(2));
  EXPECT_TRUE(on_disk("secret-1"));
  clock_.Advance(std::chrono::hours(2 * 24));
  ASSERT_THAT(store_->ForgetOld(), IsOk());
  EXPECT_EQ(store_->List(kTenant), std::vector{pending});
  EXPECT_FALSE(on_disk("secret-1"));
}

TEST_F(RequestStoreTest, ChangesTheGenerationWithEveryChange) {
  EXPECT_EQ(store_->Generation(kTenant), "");
  const DeleteRequest request = Add();
  const std::string first = store_->Generation(kTenant);
  EXPECT_NE(first, "");
  ASSERT_THAT(store_->Cancel(kTenant, request.id, false), IsOk());
  EXPECT_NE(store_->Generation(kTenant), first);
}

}  // namespace
}  // namespace skald::deletes
