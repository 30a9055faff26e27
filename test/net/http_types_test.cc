#include "net/http_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::net {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::Pair;

TEST(HeadersTest, FindsNamesInAnyLetterCase) {
  Headers headers;
  headers.Add("X-Scope-OrgID", "a");
  headers.Add("x-scope-orgid", "b");
  EXPECT_EQ(headers.Get("X-SCOPE-ORGID"), "a");
  EXPECT_EQ(headers.size(), 2u);
  headers.Set("X-Scope-OrgID", "c");
  EXPECT_EQ(headers.size(), 1u);
  EXPECT_EQ(headers.Get("x-scope-orgid"), "c");
  headers.Remove("X-Scope-Orgid");
  EXPECT_FALSE(headers.Has("x-scope-orgid"));
  EXPECT_EQ(headers.Get("x-scope-orgid"), "");
}

TEST(HeadersTest, FindsATokenInAnyFieldOfTheName) {
  Headers headers;
  headers.Add("Connection", "keep-alive, Upgrade");
  headers.Add("Connection", "HTTP2-Settings");
  EXPECT_TRUE(headers.HasToken("connection", "upgrade"));
  EXPECT_TRUE(headers.HasToken("connection", "http2-settings"));
  EXPECT_FALSE(headers.HasToken("connection", "grade"));
}

TEST(DecodeTest, UndoesEscapes) {
  struct Row {
    std::string_view text, segment, component;
  };
  const Row rows[] = {{"", "", ""},
                      {"abc", "abc", "abc"},
                      {"a%2Fb", "a/b", "a/b"},
                      {"a+b%20c", "a+b c", "a b c"},
                      {"%E2%82%ac", "\xE2\x82\xAC", "\xE2\x82\xAC"},
                      {"%00", std::string_view("\0", 1), std::string_view("\0", 1)}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    Result<std::string> segment = DecodePathSegment(row.text);
    Result<std::string> component = DecodeQueryComponent(row.text);
    ASSERT_THAT(segment, IsOk());
    ASSERT_THAT(component, IsOk());
    EXPECT_EQ(*segment, row.segment);
    EXPECT_EQ(*component, row.component);
  }
}

TEST(DecodeTest, NamesTheBadEscape) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"%zz", "invalid URL escape \"%zz\""},
      {"ab%4", "invalid URL escape \"%4\""},
      {"%", "invalid URL escape \"%\""},
      {"%4x5", "invalid URL escape \"%4x\""}};
  for (const auto& [text, message] : rows) {
    const Result<std::string> decoded = DecodeQueryComponent(text);
    EXPECT_THAT(decoded, HasCode(StatusCode::kInvalidArgument)) << text;
    EXPECT_EQ(decoded.status().message(), message);
  }
}

TEST(EncodeTest, IsUndoneByBothDecoders) {
  std::string all;
  for (int c = 0; c < 256; ++c) {
    all.push_back(static_cast<char>(c));
  }
  const std::string encoded = EncodeUrlComponent(all);
  EXPECT_EQ(*DecodePathSegment(encoded), all);
  EXPECT_EQ(*DecodeQueryComponent(encoded), all);
  EXPECT_EQ(EncodeUrlComponent("az-09._~ /+"), "az-09._~%20%2F%2B");
}

TEST(FormTest, KeepsOrderAndRepeatedNames) {
  Form form;
  ASSERT_THAT(ParseUrlEncoded("match=a&x&match=b+c&&=v", form), IsOk());
  EXPECT_THAT(form.GetAll("match"), ElementsAre("a", "b c"));
  EXPECT_TRUE(form.Has("x"));
  EXPECT_EQ(form.Get("x"), "");
  EXPECT_EQ(form.Get(""), "v");
  EXPECT_FALSE(form.Has("y"));
}

TEST(FormTest, RefusesSemicolons) {
  Form form;
  const Status status = ParseUrlEncoded("query=a;b=c", form);
  EXPECT_THAT(status, HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(status.message(), "invalid semicolon separator in query");
}

TEST(FormTest, RefusesAListThatWouldGrowMemory) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) {
    text += "a&";
  }
  Form form;
  EXPECT_THAT(ParseUrlEncoded(text, form), HasCode(StatusCode::kInvalidArgument));
}

TEST(FormTest, PutsBodyValuesBeforeThoseOfTheUrl) {
  Request request;
  request.method = "POST";
  request.query = "query=url&limit=5";
  request.headers.Add("content-type", "Application/X-WWW-Form-Urlencoded; charset=utf-8");
  request.body = "query=body";
  Result<Form> form = ParseForm(request);
  ASSERT_THAT(form, IsOk());
  EXPECT_THAT(*form, ElementsAre(Pair("query", "body"), Pair("query", "url"), Pair("limit", "5")));
}

TEST(FormTest, LeavesOtherBodiesAlone) {
  Request request;
  request.query = "a=url";
  request.body = "a=body&%zz";
  request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
  request.method = "GET";
  EXPECT_THAT(*ParseForm(request), ElementsAre(Pair("a", "url")));
  request.method = "POST";
  EXPECT_THAT(ParseForm(request), HasCode(StatusCode::kInvalidArgument));
  request.headers.Set("Content-Type", "application/json");
  EXPECT_THAT(*ParseForm(request), ElementsAre(Pair("a", "url")));
}

TEST(TextResponseTest, LetsNoBrowserGuessWhatAnErrorIs) {
  EXPECT_EQ(TextResponse(404, "<html>").headers.Get("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(TextResponse(200, "ready").headers.Get("X-Content-Type-Options"), "");
}

TEST(MediaTypeTest, DropsParametersAndLetterCase) {
  EXPECT_EQ(MediaType(" Application/JSON ; charset=utf-8"), "application/json");
  EXPECT_EQ(MediaType(""), "");
}

TEST(AcceptsGzipTest, ReadsWeights) {
  const std::pair<std::string_view, bool> rows[] = {{"gzip", true},
                                                    {"GZIP", true},
                                                    {"deflate, gzip;q=0.5, br", true},
                                                    {"gzip;q=0", false},
                                                    {"gzip; q=0.000", false},
                                                    {"", false},
                                                    {"identity", false},
                                                    {"*", true},
                                                    {"*;q=0", false},
                                                    {"gzip;q=0, *", false},
                                                    {"x-gzip", true},
                                                    {"gzipped", false},
                                                    {"gzip;q=oops", false}};
  for (const auto& [text, accepts] : rows) {
    EXPECT_EQ(AcceptsGzip(text), accepts) << text;
  }
}

}  // namespace
}  // namespace skald::net
