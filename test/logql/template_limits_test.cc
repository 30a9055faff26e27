// What a template may cost: output, work, memory and depth have an end, and past it the row has an
// error.

#include <gtest/gtest.h>

#include <string>

#include "logql/template/pipeline_parser.h"
#include "logql/template/template_executor.h"
#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::HasCode;
using test::IsOk;

// The error of a run without labels; empty if it went well.
std::string RunError(const std::string& text) {
  const auto parsed = Template::Parse("line", text);
  EXPECT_THAT(parsed, IsOk()) << text;
  TemplateExecutor executor;
  std::string out;
  const std::vector<std::string_view> fields(parsed->fields().size());
  const TemplateInput input{.fields = fields, .labels = nullptr, .line = "line", .time_ns = 0};
  const bool ok = executor.Run(*parsed, input, out);
  EXPECT_EQ(ok, executor.error().empty());
  const std::string& error = executor.error();
  return error.substr(error.rfind(">: ") == std::string::npos ? 0 : error.rfind(">: ") + 3);
}

std::string Repeated(const std::string& text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(TemplateLimits, BoundTextsThatFunctionsMake) {
  const std::string big = R"({{$b := repeat 4000000 "x"}})";
  EXPECT_EQ(RunError(big), "");
  for (const char* text :
       {R"({{repeat 9000000000 "x"}})", R"({{repeat 5000000 "x"}})",
        R"({{$b := repeat 4000000 "x"}}{{replace "x" $b $b}})",
        R"({{$b := repeat 100000 "\n"}}{{indent 100000 $b}})", R"({{indent 2000000000 "x"}})",
        R"({{alignLeft 2000000000 "x"}})", R"({{$b := repeat 2000000 "x"}}{{print $b $b $b}})",
        R"({{printf "%1000000d%1000000d%1000000d%1000000d%1000000d" 1 2 3 4 5}})",
        R"({{$b := repeat 4000000 "<"}}{{html $b}})"}) {
    const std::string error = RunError(text);
    EXPECT_TRUE(error.ends_with("the result is too long")) << text << ": " << error;
  }
  EXPECT_TRUE(RunError(R"({{$b := repeat 100000 "x"}}{{regexReplaceAll "x" $b $b}})")
                  .ends_with("the result could be too long"));
}

TEST(TemplateLimits, BoundTheOutput) {
  EXPECT_EQ(RunError(R"({{$b := repeat 4000000 "x"}}{{$b}}{{$b}}{{$b}})"),
            "the output is too long");
}

TEST(TemplateLimits, BoundTheWork) {
  EXPECT_EQ(RunError("{{range 100000000000}}x{{end}}"), "the template does too much");
  EXPECT_EQ(RunError("{{range 3000}}{{range 3000}}{{end}}{{end}}"), "the template does too much");
  EXPECT_EQ(
      RunError(R"({{$b := repeat 4000000 "x"}}{{range 100}}{{if contains "y" $b}}z{{end}}{{end}})"),
      "the template does too much");
}

TEST(TemplateLimits, BoundTheMemory) {
  const std::string error =
      RunError(R"({{$b := repeat 1000000 "x"}}{{range 1000}}{{$c := print $b "y"}}{{end}})");
  EXPECT_TRUE(error == "the template does too much" ||
              error.ends_with("the template uses too much memory"))
      << error;
}

TEST(TemplateLimits, BoundTheDepthOfCalls) {
  EXPECT_EQ(RunError(R"({{define "x"}}{{template "x"}}{{end}}{{template "x"}})"),
            "exceeded maximum template depth (100)");
}

TEST(TemplateLimits, BoundTheDepthOfTheText) {
  const size_t deep = 100'000;
  for (const std::string& text :
       {"{{" + Repeated("(", deep) + "1" + Repeated(")", deep) + "}}",
        Repeated("{{if 1}}", deep) + Repeated("{{end}}", deep),
        "{{if 1}}" + Repeated("{{else if 1}}", deep) + "{{end}}",
        Repeated("{{block \"x\" .}}", deep) + Repeated("{{end}}", deep)}) {
    const auto parsed = Template::Parse("line", text);
    ASSERT_THAT(parsed, HasCode(StatusCode::kInvalidArgument));
    EXPECT_TRUE(parsed.status().message().ends_with("template nested too deeply"));
  }
  const size_t fits = kMaxTemplateNesting - 2;
  EXPECT_EQ(RunError("{{" + Repeated("(", fits) + "1" + Repeated(")", fits) + "}}"), "");
}

TEST(TemplateLimits, LeaveDeepJsonOut) {
  EXPECT_EQ(RunError("{{range (fromJson \"" + Repeated("[", 5000) + Repeated("]", 5000) +
                     "\")}}x{{end}}"),
            "");
}

}  // namespace
}  // namespace skald::logql
