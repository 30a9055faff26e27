#include "deletes/delete_request.h"

#include <gtest/gtest.h>

namespace skald::deletes {
namespace {

TEST(DeleteRequestTest, PiecesCoverTheIntervalWithoutGapOrOverlap) {
  const DeleteRequest request{.start_ms = 1000, .end_ms = 4500, .piece_ms = 1000};
  ASSERT_EQ(PieceCount(request), 4u);
  int64_t next = 1'000'000'000;
  for (uint64_t i = 0; i < PieceCount(request); ++i) {
    const model::TimeRange range = PiecesRange(request, i, 1);
    EXPECT_EQ(range.start, next);
    next = range.end;
  }
  EXPECT_EQ(next, 4'500'000'001);  // The end itself is meant.
  EXPECT_EQ(WholeRange(request), (model::TimeRange{1'000'000'000, 4'500'000'001}));
}

TEST(DeleteRequestTest, TellsHowMuchOfItsPiecesIsDone) {
  DeleteRequest request{.start_ms = 0, .end_ms = 3000, .piece_ms = 1000};
  EXPECT_EQ(StatusText(request), "received");
  request.pieces_done = 1;
  EXPECT_EQ(StatusText(request), "33% Complete");
  request.pieces_done = 3;
  EXPECT_EQ(StatusText(request), "processed");
}

TEST(DeleteRequestTest, TimesBeyondNanosecondsAreTheLastThatThereAre) {
  const DeleteRequest request{.start_ms = -99'999'999'999'999, .end_ms = 99'999'999'999'999};
  EXPECT_LT(WholeRange(request).start, -9'000'000'000'000'000'000);
  EXPECT_GT(WholeRange(request).end, 9'000'000'000'000'000'000);
}

}  // namespace
}  // namespace skald::deletes
