#include "logql/stats/value_type.h"

#include <gtest/gtest.h>

#include <string_view>

namespace skald::logql {
namespace {

struct Case {
  std::string_view text;
  std::string_view type;
};

TEST(ValueType, FirstThatFits) {
  const Case cases[] = {{"7", "int"},        {"-7", "int"},
                        {"+5", "int"},       {"1", "int"},
                        {"0", "int"},        {"99999999999999999999", "float"},
                        {"1e3", "float"},    {"Inf", "float"},
                        {"0x1p-2", "float"}, {"0x1F", "string"},
                        {"t", "boolean"},    {"TRUE", "boolean"},
                        {"tRUE", "string"},  {"1h2m", "duration"},
                        {"-3s", "duration"}, {"7µs", "duration"},
                        {"5m", "duration"},  {"2d", "string"},
                        {"5KB", "bytes"},    {"5 KiB", "bytes"},
                        {"5k", "bytes"},     {"1_000", "float"},
                        {" 5", "string"},    {"10.1.2.3", "string"},
                        {"5%", "string"},    {"", "string"},
                        {"+-5", "string"},   {"2026-01-01", "string"}};
  for (const Case& c : cases) {
    EXPECT_EQ(ValueTypeName(TypeOfValue(c.text)), c.type) << c.text;
  }
}

}  // namespace
}  // namespace skald::logql
