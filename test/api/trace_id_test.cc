#include "api/trace_id.h"

#include <gtest/gtest.h>

#include <string>

namespace skald::api {
namespace {

constexpr std::string_view kTrace = "0af7651916cd43dd8448eb211c80319c";

std::string TraceOf(std::string_view parent) {
  net::Headers headers;
  headers.Add("Traceparent", parent);
  return std::string(TraceIdOf(headers));
}

TEST(TraceIdTest, IsTheSecondPartOfTheTraceParent) {
  EXPECT_EQ(TraceOf("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), kTrace);
}

TEST(TraceIdTest, IsReadOfLaterVersionsThatSayMore) {
  EXPECT_EQ(TraceOf("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"), kTrace);
}

TEST(TraceIdTest, IsEmptyWithoutTheHeader) { EXPECT_EQ(TraceIdOf(net::Headers()), ""); }

TEST(TraceIdTest, IsEmptyWhereTheHeaderIsMalformed) {
  for (const char* parent : {
           "",
           "00",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "00-0af7651916cd43dd8448eb211c80319\n-b7ad6b7169203331-01",
           "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
       }) {
    EXPECT_EQ(TraceOf(parent), "") << parent;
  }
}

}  // namespace
}  // namespace skald::api
