#include "api/push_context.h"

#include <gtest/gtest.h>

namespace skald::api {
namespace {

TEST(PushContextTest, TakesWhatHeadersSay) {
  net::Request request;
  request.path = "/loki/api/v1/push";
  request.headers.Set("user-agent", "promtail/2.9");
  request.headers.Set("x-loki-ingestion-policy", "debug");
  request.headers.Set("x-loki-backfill-shard", "7");
  request.headers.Set("content-type", "application/json");
  request.headers.Set("content-encoding", "gzip");
  request.headers.Set("x-forwarded-for", "10.0.0.7, 10.0.0.1");
  const distributor::PushContext context = PushContextOf(request, "loki", 42);
  EXPECT_EQ(context.format, "loki");
  EXPECT_EQ(context.user_agent, "promtail/2.9");
  EXPECT_EQ(context.policy, "debug");
  EXPECT_EQ(context.backfill_shard, "7");
  EXPECT_EQ(context.path, "/loki/api/v1/push");
  EXPECT_EQ(context.content_type, "application/json");
  EXPECT_EQ(context.content_encoding, "gzip");
  EXPECT_EQ(context.forwarded_for, "10.0.0.7, 10.0.0.1");
  EXPECT_EQ(context.body_bytes, 42u);
}

TEST(PushContextTest, WhatIsNotSaidIsEmpty) {
  const net::Request request;
  const distributor::PushContext context = PushContextOf(request, "otlp", 0);
  EXPECT_EQ(context.policy, "");
  EXPECT_EQ(context.backfill_shard, "");
  EXPECT_EQ(context.forwarded_for, "");
}

}  // namespace
}  // namespace skald::api
