#pragma once

#include <string>
#include <vector>

#include "ingester_fixture.h"

namespace skald::ingester {

// An ingester with a log that is replayed.
class ReplayFixture : public IngesterFixture {
 protected:
  ReplayFixture() { Open(); }

  void PushMany(int first, int count) {
    for (int i = first; i < first + count; ++i) {
      const std::string line = "line " + std::to_string(i) + std::string(30, 'x');
      ASSERT_THAT(Push({{kA, {{i, line, {{"n", std::to_string(i)}}}}}, {kB, {{-i, line}}}}),
                  test::IsOk());
    }
  }
  std::vector<std::string> WarningsOfAQuery(model::TimeRange range = model::TimeRange::All()) {
    model::ScanRequest request;
    request.tenant = tenant_;
    request.range = range;
    model::ScanContext context;
    EXPECT_THAT(ingester_->Select(request, context), test::IsOk());
    return context.warnings.Take();
  }
  std::string SegmentPath(int segment) { return JoinPath("wal", files_.List("wal")->at(segment)); }
};

}  // namespace skald::ingester
