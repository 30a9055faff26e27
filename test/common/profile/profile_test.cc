#include "common/profile/profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "common/bytes.h"
#include "common/compress.h"
#include "support/matchers.h"

namespace skald {
namespace {

using test::IsOk;

__attribute__((noinline)) int KnownFunction() {
  volatile int value = 7;
  return value;
}

// The fields of a message by number: bytes, or a number in decimal digits.
std::multimap<uint64_t, std::string> Fields(std::string_view message) {
  std::multimap<uint64_t, std::string> fields;
  ByteReader in(message);
  while (!in.failed() && !in.AtEnd()) {
    const uint64_t tag = in.Varint();
    if ((tag & 7) == 2) {
      fields.emplace(tag >> 3, std::string(in.LengthPrefixed()));
    } else {
      fields.emplace(tag >> 3, std::to_string(in.Varint()));
    }
  }
  EXPECT_FALSE(in.failed());
  return fields;
}

std::multimap<uint64_t, std::string> Decode(const std::string& packed) {
  std::string message;
  EXPECT_THAT(Decompress(Codec::kGzip, packed, 64 << 20, message), IsOk());
  return Fields(message);
}

class ProfileTest : public testing::Test {
 protected:
  const CodeMap code_ = CodeMap::OfThisProcess();
  const uintptr_t place_ = reinterpret_cast<uintptr_t>(&KnownFunction);
};

TEST_F(ProfileTest, NamesFunctionsAndFiles) {
  EXPECT_EQ(KnownFunction(), 7);
  Profile profile;
  profile.value_types = {{"samples", "count"}, {"cpu", "nanoseconds"}};
  profile.period_type = {"cpu", "nanoseconds"};
  profile.period = 10;
  profile.samples = {{.stack = {place_, place_ + 1}, .values = {3, 30}}};
  const auto fields = Decode(EncodeProfile(profile, code_));
  std::vector<std::string> texts;
  for (auto [it, end] = fields.equal_range(6); it != end; ++it) {
    texts.push_back(it->second);
  }
  ASSERT_FALSE(texts.empty());
  EXPECT_EQ(texts.front(), "");
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "nanoseconds"), 1);
  EXPECT_EQ(std::count_if(texts.begin(), texts.end(),
                          [](const std::string& text) {
                            return text.find("KnownFunction()") != std::string::npos;
                          }),
            1);
  EXPECT_EQ(fields.count(1), 2u);  // Types of values.
  EXPECT_EQ(fields.count(2), 1u);  // Samples.
  EXPECT_EQ(fields.count(3), code_.modules().size());
  EXPECT_EQ(fields.count(4), 1u);  // Both places are one: a caller's is the one before.
  EXPECT_EQ(fields.find(12)->second, "10");
}

TEST_F(ProfileTest, EndsAStackWhereItLeavesTheCode) {
  Profile profile;
  profile.value_types = {{"samples", "count"}};
  profile.samples = {{.stack = {place_, 1, place_}, .values = {1}}};
  const auto sample = Fields(Decode(EncodeProfile(profile, code_)).find(2)->second);
  EXPECT_EQ(sample.find(1)->second.size(), 1u);
}

TEST_F(ProfileTest, KnowsTheCodeOfThisProcess) {
  ASSERT_FALSE(code_.modules().empty());
  EXPECT_EQ(code_.ModuleAt(place_), &code_.modules().front());
  EXPECT_EQ(code_.ModuleAt(1), nullptr);
  EXPECT_EQ(code_.FunctionAt(place_).name, "skald::(anonymous namespace)::KnownFunction()");
  const auto library = reinterpret_cast<uintptr_t>(&std::fopen);
  ASSERT_NE(code_.ModuleAt(library), nullptr);
  EXPECT_NE(code_.FunctionAt(library).name.find("fopen"), std::string::npos);
}

}  // namespace
}  // namespace skald
