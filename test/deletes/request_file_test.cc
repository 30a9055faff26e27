#include "deletes/request_file.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::deletes {
namespace {

using test::HasCode;
using test::IsOk;

RequestList SomeList() {
  RequestList list;
  list.requests = {{.id = "00c0ffee",
                    .tenant = model::TenantId("a"),
                    .query = "{app=\"x\"} |= \"y\"",
                    .start_ms = -5,
                    .end_ms = 1768478400999,
                    .created_ns = 1768478401'000'000'000,
                    .piece_ms = 1000,
                    .pieces_done = 7},
                   {.id = "1", .tenant = model::TenantId("b"), .query = "{}"}};
  list.generations = {{"a", 12}, {"c", -1}};
  return list;
}

TEST(RequestFileTest, ReadsBackWhatWasWritten) {
  const RequestList list = SomeList();
  const auto read = DecodeRequestList(EncodeRequestList(list));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->requests, list.requests);
  EXPECT_EQ(read->generations, list.generations);
}

TEST(RequestFileTest, ReportsEveryDamagedByteAndEveryCut) {
  const std::string bytes = EncodeRequestList(SomeList());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 0x40;
    EXPECT_THAT(DecodeRequestList(damaged), HasCode(StatusCode::kDataLoss)) << "byte " << i;
    EXPECT_THAT(DecodeRequestList(bytes.substr(0, i)), HasCode(StatusCode::kDataLoss)) << i;
  }
}

}  // namespace
}  // namespace skald::deletes
