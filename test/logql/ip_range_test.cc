#include "logql/stages/ip_range.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::HasMessage;
using test::IsOk;

TEST(IpRangeTest, HoldsWhatItsPatternSays) {
  const struct {
    const char* pattern;
    const char* address;
    bool inside;
  } rows[] = {
      {"10.0.0.1", "10.0.0.1", true},
      {"10.0.0.1", "10.0.0.2", false},
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.1.2.3/8", "10.9.9.9", true},  // Bits behind the prefix do not count.
      {"10.1.2.3/32", "10.1.2.3", true},
      {"10.1.2.3/32", "10.1.2.2", false},
      {"0.0.0.0/0", "255.1.2.3", true},
      {"0.0.0.0/0", "::1", false},
      {"10.0.0.5-10.0.1.5", "10.0.0.5", true},
      {"10.0.0.5-10.0.1.5", "10.0.1.5", true},
      {"10.0.0.5-10.0.1.5", "10.0.1.6", false},
      {"2001:db8::/32", "2001:db8:ffff::1", true},
      {"2001:db8::/32", "2001:db9::", false},
      {"::1-::ff", "::7f", true},
      {"::1", "0:0:0:0:0:0:0:1", true},
      {"10.0.0.1", "nonsense", false},
      {"10.0.0.1", "", false},
      {"10.0.0.1", "10.0.0.1.1", false},
  };
  for (const auto& row : rows) {
    const Result<IpRange> range = IpRange::Parse(row.pattern);
    ASSERT_THAT(range, IsOk()) << row.pattern;
    EXPECT_EQ(range->ContainsText(row.address), row.inside) << row.pattern << " " << row.address;
  }
}

TEST(IpRangeTest, RefusesWhatIsNoRange) {
  for (const char* pattern :
       {"", "x", "10.0.0", "10.0.0.256", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129",
        "10.0.0.0/8x", "10.0.0.2-10.0.0.1", "10.0.0.1-", "-10.0.0.1", "10.0.0.1-x", "1:2"}) {
    EXPECT_THAT(IpRange::Parse(pattern),
                HasMessage("ip: invalid pattern: \"" + std::string(pattern) + "\""));
  }
}

TEST(IpRangeTest, FindsAddressesInLines) {
  const struct {
    const char* line;
    bool v4;  // Whether 10.0.0.0/8 has one of its addresses, or
    bool v6;  // 2001:db8::/32.
  } rows[] = {
      {"", false, false},
      {"10.1.2.3", true, false},
      {"from 10.1.2.3:8080 on", true, false},
      {"(10.1.2.3)", true, false},
      {"ip=10.1.2.3,", true, false},
      {"192.168.0.1 then 10.1.2.3", true, false},
      {"10.1.2.3.", true, false},
      {"10.1.2", false, false},
      {"10.1.2.300", false, false},
      {"110.1.2.3", false, false},
      {"x 2001:db8::17 y", false, true},
      {"[2001:db8::17]:80", false, true},
      {"2001:db9::17", false, false},
      {"12:34:56 abc dead beef", false, false},
      {"2001:db8::1 10.0.0.1", true, true},
      {"::", false, false},
      {":", false, false},
  };
  const Result<IpRange> v4 = IpRange::Parse("10.0.0.0/8");
  const Result<IpRange> v6 = IpRange::Parse("2001:db8::/32");
  ASSERT_THAT(v4, IsOk());
  ASSERT_THAT(v6, IsOk());
  for (const auto& row : rows) {
    EXPECT_EQ(v4->MatchesLine(row.line), row.v4) << row.line;
    EXPECT_EQ(v6->MatchesLine(row.line), row.v6) << row.line;
  }
}

}  // namespace
}  // namespace skald::logql
