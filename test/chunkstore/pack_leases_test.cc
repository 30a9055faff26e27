#include "chunkstore/pack_leases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skald::chunkstore {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PackLeasesTest, WhatNobodyReadsMayGoAtOnceAndGoesOnce) {
  PackLeases leases;
  leases.Retire({"a", "b"});
  EXPECT_EQ(leases.retired(), 2u);
  EXPECT_THAT(leases.TakeUnread(), ElementsAre("a", "b"));
  EXPECT_THAT(leases.TakeUnread(), IsEmpty());
  EXPECT_EQ(leases.retired(), 0u);
}

TEST(PackLeasesTest, APackStaysAsLongAsAReaderFromBeforeItWasRetired) {
  PackLeases leases;
  PackLeases::Lease before = leases.Take();
  leases.Retire({"a"});
  const PackLeases::Lease after = leases.Take();
  EXPECT_THAT(leases.TakeUnread(), IsEmpty());
  before.reset();
  EXPECT_THAT(leases.TakeUnread(), ElementsAre("a"));
}

TEST(PackLeasesTest, AnOldReaderKeepsWhatWasRetiredLaterAsWell) {
  PackLeases leases;
  PackLeases::Lease reader = leases.Take();
  leases.Retire({"a"});
  leases.Retire({"b"});
  EXPECT_THAT(leases.TakeUnread(), IsEmpty());
  reader.reset();
  EXPECT_THAT(leases.TakeUnread(), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace skald::chunkstore
