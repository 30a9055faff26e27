#include "deletes/stored_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/metrics.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::deletes {
namespace {

using test::HasCode;
using test::IsOk;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kPath = "/deletes/delete_requests";
constexpr const char* kCopy = "/deletes/delete_requests.copy";

double DamageCounted() {
  return Metrics::GetCounter("skald_delete_requests_damages_total",
                             "Times that a start has found a file of delete requests damaged.")
      .value();
}

RequestList ListOf(const std::string& query) {
  RequestList list;
  list.requests.push_back({.id = "0a", .tenant = model::TenantId("t"), .query = query});
  list.generations["t"] = 7;
  return list;
}

class StoredRequestsTest : public testing::Test {
 protected:
  StoredRequestsTest() {
    EXPECT_THAT(files_.MakeDirs("/deletes"), IsOk());
    EXPECT_THAT(stored_.Save(list_), IsOk());
  }

  // Whether what is loaded is the list, and both files have it then.
  void ExpectWhole() {
    const auto loaded = stored_.Load();
    ASSERT_THAT(loaded, IsOk());
    EXPECT_EQ(*loaded, list_);
    const std::string bytes = EncodeRequestList(list_);
    EXPECT_EQ(*files_.ReadAll(kPath), bytes);
    EXPECT_EQ(*files_.ReadAll(kCopy), bytes);
  }

  const RequestList list_ = ListOf("{app=\"a\"}");
  test::FaultyFileSystem files_;
  StoredRequests stored_{files_, "/deletes"};
};

TEST_F(StoredRequestsTest, AreNoneWithoutFiles) {
  test::FaultyFileSystem empty;
  const auto loaded = StoredRequests(empty, "/deletes").Load();
  ASSERT_THAT(loaded, IsOk());
  EXPECT_EQ(*loaded, RequestList());
}

TEST_F(StoredRequestsTest, AFlippedByteOfEitherFileCostsNothing) {
  const size_t bytes = EncodeRequestList(list_).size();
  for (const char* path : {kPath, kCopy}) {
    for (size_t at = 0; at < bytes; ++at) {
      SCOPED_TRACE(path + (" at " + std::to_string(at)));
      const double counted = DamageCounted();
      files_.FlipByte(path, at, 0x08);
      ExpectWhole();
      EXPECT_EQ(DamageCounted(), counted + 1);
    }
  }
}

TEST_F(StoredRequestsTest, ACutOrMissingFileCostsNothing) {
  const std::string bytes = EncodeRequestList(list_);
  for (const char* path : {kPath, kCopy}) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      files_.Put(path, bytes.substr(0, size));
      ExpectWhole();
    }
    ASSERT_THAT(files_.Remove(path), IsOk());
    ExpectWhole();
  }
}

TEST_F(StoredRequestsTest, DamageOfBothIsNamed) {
  files_.FlipByte(kPath, 9, 0x08);
  files_.FlipByte(kCopy, 9, 0x08);
  const auto loaded = stored_.Load();
  EXPECT_THAT(loaded, HasCode(StatusCode::kDataLoss));
  EXPECT_THAT(loaded.status().message(), AllOf(HasSubstr(kPath), HasSubstr(kCopy)));
  ASSERT_THAT(files_.Remove(kPath), IsOk());
  EXPECT_THAT(stored_.Load(), HasCode(StatusCode::kDataLoss)) << "it may have had requests";
}

TEST_F(StoredRequestsTest, AListThatWasNotAcknowledgedIsForgotten) {
  files_.Inject({.op = test::FaultyFileSystem::Op::kRename, .after = 1});
  EXPECT_FALSE(stored_.Save(ListOf("{app=\"b\"}")).ok());
  files_.ClearFaults();
  EXPECT_EQ(*files_.ReadAll(kCopy), EncodeRequestList(ListOf("{app=\"b\"}")));
  ExpectWhole();
}

TEST_F(StoredRequestsTest, AFullDiskDoesNotStopAStart) {
  files_.FlipByte(kPath, 9, 0x08);
  files_.SetCapacity(0);
  const auto loaded = stored_.Load();
  ASSERT_THAT(loaded, IsOk());
  EXPECT_EQ(*loaded, list_);
}

}  // namespace
}  // namespace skald::deletes
