#include "net/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skald::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Handler Answers(std::string text) {
  return [text](Request&) { return TextResponse(200, text); };
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router_.Add({"GET", "POST"}, "/labels", "labels", Answers("labels"));
    router_.Add({"GET"}, "/label/{name}/values", "values", Answers("values"));
    router_.Add({"GET"}, "/label/special/values", "special", Answers("special"));
    router_.Add({"PUT"}, "/rules/{namespace}/{group}", "put_rule", Answers("put"));
    router_.Add({"DELETE"}, "/rules/{namespace}/{group}", "delete_rule", Answers("delete"));
    router_.Add({"GET"}, "/plain/{name}", "plain", Answers("plain"), {.slash_in_names = false});
    router_.Add({"*"}, "/any", "any", Answers("any"));
    router_.Add({"GET"}, "/", "root", Answers("root"));
  }

  std::string RouteOf(std::string_view method, std::string_view path) const {
    return router_.Find(method, path).route->name;
  }

  Response Answer(std::string_view method, std::string_view path,
                  std::string_view query = "") const {
    Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    return router_.Find(method, path).route->handler(request);
  }

  Router router_;
};

TEST_F(RouterTest, FindsByMethodAndPath) {
  EXPECT_EQ(RouteOf("GET", "/labels"), "labels");
  EXPECT_EQ(RouteOf("POST", "/labels"), "labels");
  EXPECT_EQ(RouteOf("PUT", "/rules/a/b"), "put_rule");
  EXPECT_EQ(RouteOf("DELETE", "/rules/a/b"), "delete_rule");
  EXPECT_EQ(RouteOf("PATCH", "/any"), "any");
  EXPECT_EQ(RouteOf("GET", "/"), "root");
}

TEST_F(RouterTest, DecodesNamesAfterTheSplit) {
  const auto match = router_.Find("GET", "/label/a%2Fb%20c+d/values");
  EXPECT_EQ(match.route->name, "values");
  EXPECT_THAT(match.path_params, ElementsAre(Pair("name", "a/b c+d")));
  EXPECT_THAT(router_.Find("PUT", "/rules/x/%79").path_params,
              ElementsAre(Pair("namespace", "x"), Pair("group", "y")));
}

TEST_F(RouterTest, KeepsSlashesOutOfNamesWhereTheRouteSaysSo) {
  EXPECT_EQ(RouteOf("GET", "/plain/ab"), "plain");
  EXPECT_EQ(Answer("GET", "/plain/a%2Fb").status, 404);
}

TEST_F(RouterTest, MatchesEscapedLettersOfAPlainPath) {
  EXPECT_EQ(RouteOf("GET", "/label%73"), "labels");
  EXPECT_EQ(Answer("GET", "/label%2Fspecial/values").status, 404);
}

TEST_F(RouterTest, PrefersAPathWithoutNames) {
  const auto match = router_.Find("GET", "/label/special/values");
  EXPECT_EQ(match.route->name, "special");
  EXPECT_THAT(match.path_params, IsEmpty());
}

TEST_F(RouterTest, AnswersUnknownPaths) {
  for (const std::string_view path :
       {"/nope", "/labels/", "/Labels", "/label/x/values/", "/label/x", "/rules/a/", "*", ""}) {
    const Response response = Answer("GET", path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.body, "404 page not found\n");
    EXPECT_EQ(response.headers.Get("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(RouteOf("GET", path), "notfound");
  }
}

TEST_F(RouterTest, AnswersWrongMethodsWithAnEmptyBody) {
  for (const std::string_view method : {"PUT", "HEAD", "OPTIONS", "get"}) {
    const Response response = Answer(method, "/labels");
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(response.headers.Get("Allow"), "GET, POST");
  }
  EXPECT_EQ(Answer("GET", "/rules/a/b").headers.Get("Allow"), "PUT, DELETE");
}

TEST_F(RouterTest, RedirectsToTheCleanPath) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"//labels", "/labels"},
      {"/a/../labels", "/labels"},
      {"/./labels", "/labels"},
      {"/label//values", "/label/values"},
      {"/../..", "/"},
      {"//evil.example/", "/evil.example/"},
      {"/a/%2e%2E/labels", "/labels"},
      {"/label/%2e/values", "/label/values"},
      {"/rules/.%2e", "/"}};
  for (const auto& [path, location] : rows) {
    const Response response = Answer("GET", path);
    EXPECT_EQ(response.status, 301) << path;
    EXPECT_EQ(response.headers.Get("Location"), location);
  }
  EXPECT_EQ(RouteOf("GET", "/label/%2e%2e%2e/values"), "values");
  EXPECT_EQ(Answer("GET", "//labels", "a=b").headers.Get("Location"), "/labels?a=b");
}

TEST_F(RouterTest, RefusesABrokenEscape) {
  EXPECT_EQ(Answer("GET", "/label/%zz/values").status, 400);
  EXPECT_EQ(Answer("GET", "/label/%4").status, 400);
}

}  // namespace
}  // namespace skald::net
