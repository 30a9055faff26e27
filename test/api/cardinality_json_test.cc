#include "api/cardinality_json.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace skald::api {
namespace {

TEST(CardinalityJsonTest, ShowsEachListWithItsFigures) {
  const rpc::StreamSize stream{
      .labels = std::make_shared<const model::Labels>(model::Labels{{"app", "a\"b"}}),
      .entries = 2,
      .bytes = 7};
  std::string body;
  AppendCardinality(querier::CountLabelsOf({stream}, 5), body);
  const std::string name = R"([{"name":"app","values":1,"streams":1,"entries":2,"bytes":7}])";
  const std::string value = R"([{"name":"app","value":"a\"b","streams":1,"entries":2,"bytes":7}])";
  const std::string streams = R"([{"labels":{"app":"a\"b"},"entries":2,"bytes":7}])";
  EXPECT_EQ(body, R"({"status":"success","data":{"streams":1,"entries":2,"bytes":7,)"
                  R"("label_names":1,"label_values":1,"names_by_values":)" +
                      name + R"(,"names_by_bytes":)" + name + R"(,"values_by_streams":)" + value +
                      R"(,"values_by_bytes":)" + value + R"(,"streams_by_entries":)" + streams +
                      R"(,"streams_by_bytes":)" + streams + "}}\n");
}

}  // namespace
}  // namespace skald::api
