#include "common/base64.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skald {
namespace {

// RFC 4648's examples.
const std::vector<std::pair<std::string_view, std::string_view>> kPairs = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xff\xfe\xfb", "//77"},
};

TEST(Base64Test, EncodesAndDecodes) {
  for (const auto& [bytes, text] : kPairs) {
    std::string encoded;
    AppendBase64(encoded, bytes);
    EXPECT_EQ(encoded, text);
    std::string decoded;
    EXPECT_TRUE(DecodeBase64(text, decoded)) << text;
    EXPECT_EQ(decoded, bytes);
  }
}

TEST(Base64Test, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Z===", "Zg==Zg==", "Zm9-", "not base64!", "===="}) {
    std::string out = "kept";
    EXPECT_FALSE(DecodeBase64(text, out)) << text;
    EXPECT_EQ(out, "kept");
  }
}

}  // namespace
}  // namespace skald
