#include "deletes/compiled_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/matchers.h"

namespace skald::deletes {
namespace {

using test::HasCode;
using test::IsOk;

TEST(CompiledRequestTest, RefusesWhatIsNoLogQueryOfSingleEntries) {
  for (const char* query : {"rate({app=\"a\"}[5m])", "vector(5)", "5 + rate({app=\"a\"}[5m])",
                            "\"5\"", "{app=a}", "{app=\"a\"} | limit 3"}) {
    EXPECT_THAT(CompiledRequest::Make(query), HasCode(StatusCode::kInvalidArgument)) << query;
  }
}

TEST(CompiledRequestTest, TakesANumberForWhatNoStreamHas) {
  for (const char* query : {"5", "-0.5", "1 + 1"}) {
    ASSERT_THAT(CompiledRequest::Make(query), IsOk()) << query;
    EXPECT_FALSE((*CompiledRequest::Make(query))->has_filters()) << query;
    const std::vector<model::Labels> streams = {{{"app", "a"}}, {{"none", "x"}}, {}};
    for (const model::Labels& stream : streams) {
      const auto request = *CompiledRequest::Make(query);
      EXPECT_FALSE(model::MatchesAll(request->matchers(), stream)) << query;
    }
  }
}

TEST(CompiledRequestTest, KnowsWhatCountsAsAFilter) {
  for (const char* query : {"{a=\"b\"} |= \"x\"", "{a=\"b\"} | json | n=1"}) {
    EXPECT_TRUE((*CompiledRequest::Make(query))->has_filters()) << query;
  }
  for (const char* query : {"{a=\"b\"}", "{a=\"b\"} |= \"\"", "{a=\"b\"} | json"}) {
    EXPECT_FALSE((*CompiledRequest::Make(query))->has_filters()) << query;
  }
}

}  // namespace
}  // namespace skald::deletes
