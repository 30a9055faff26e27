#include "common/html_escape.h"

#include <gtest/gtest.h>

namespace skald {
namespace {

TEST(HtmlEscapeTest, LeavesNothingThatHtmlWouldRead) {
  EXPECT_EQ(EscapeHtml("<a href=\"x\">'&'</a>"),
            "&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(EscapeHtml(std::string_view("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(EscapeHtml("größer"), "größer");
  EXPECT_EQ(EscapeHtml(""), "");
}

}  // namespace
}  // namespace skald
