#include "api/tenant_auth.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::api {
namespace {

using model::TenantId;
using test::HasCode;
using test::HasMessage;

net::Request From(std::string_view org) {
  net::Request request;
  if (!org.empty()) {
    request.headers.Add("X-Scope-OrgID", org);
  }
  return request;
}

TEST(TenantAuthTest, EveryoneIsOneTenantWithoutAuthentication) {
  const TenantAuth auth({.enabled = false, .no_auth_tenant = "fake"});
  EXPECT_EQ(*auth.ForWrite(From("a/b")), TenantId("fake"));
  EXPECT_EQ(*auth.ForRead(From("")), std::vector{TenantId("fake")});
  EXPECT_EQ(*auth.Named(From("a")), TenantId("a"));
}

TEST(TenantAuthTest, TheHeaderIsMandatory) {
  const TenantAuth auth({.enabled = true});
  EXPECT_THAT(auth.ForWrite(From("")), HasCode(StatusCode::kUnauthenticated));
  EXPECT_THAT(auth.ForRead(From("")), HasMessage("no org id"));
}

TEST(TenantAuthTest, ReadsSeveralTenantsWhereThatIsOn) {
  const TenantAuth on({.enabled = true, .multi_tenant_queries = true});
  EXPECT_EQ(*on.ForRead(From("b|a:k=v|b")), (std::vector{TenantId("a"), TenantId("b")}));
  EXPECT_THAT(on.ForWrite(From("a|b")), HasMessage("multiple org IDs present"));
  EXPECT_EQ(*on.ForWrite(From("a|a")), TenantId("a"));
  const TenantAuth off({.enabled = true});
  EXPECT_THAT(off.ForRead(From("a|b")), HasMessage("multiple org IDs present"));
}

TEST(CheckTenantIdTest, SaysWhatIsWrong) {
  EXPECT_THAT(CheckTenantId("a-Z0_.*'()!"), test::IsOk());
  EXPECT_THAT(CheckTenantId("a/b"),
              HasMessage("tenant ID 'a/b' contains unsupported character '/'"));
  EXPECT_THAT(CheckTenantId(".."), HasMessage("tenant ID is '.' or '..'"));
  EXPECT_THAT(CheckTenantId(std::string(151, 'x')),
              HasMessage("tenant ID is too long: max 150 characters"));
}

}  // namespace
}  // namespace skald::api
