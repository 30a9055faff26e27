// Functions beyond Go's own, as the contract lists them.

#include <gtest/gtest.h>

#include "logql/template_rows.h"

namespace skald::logql {
namespace {

using test::CheckRunErrors;
using test::CheckTexts;

TEST(TemplateFunctions, ChangesLetterCase) {
  CheckTexts({
      {"{{ToLower .u}}", "héllo wörld ǆ ß ﬀ"},
      {"{{ToUpper .u}}", "HÉLLO WÖRLD Ǆ ß ﬀ"},
      {"{{lower .u}} {{upper .u}}", "héllo wörld ǆ ß ﬀ HÉLLO WÖRLD Ǆ ß ﬀ"},
      {R"({{title "hello wörld foo-bar a_b 9x élan"}})", "Hello Wörld Foo-Bar A_b 9x Élan"},
  });
}

TEST(TemplateFunctions, ReplacesAndTrims) {
  CheckTexts({
      {R"({{Replace .msg "l" "L" 2}} {{Replace .msg "l" "" -1}} {{Replace .msg "l" "x" 0}})",
       "heLLo world heo word hello world"},
      {R"({{Replace "abc" "" "-" -1}} {{Replace "abc" "" "-" 2}})", "-a-b-c- -a-bc"},
      {R"({{replace "l" "L" .msg}} {{.msg | replace " " "_"}} {{replace "" "-" "é"}})",
       "heLLo worLd hello_world -é-"},
      {R"({{Trim .pad " \t"}}|{{TrimLeft .pad " "}}|{{TrimRight .pad "\t"}}|{{TrimSpace .pad}}|{{trim .pad}}|)",
       "padded|padded\t|  padded|padded|padded|"},
      {R"({{trimAll "hd" .msg}}|{{Trim "éaé" "é"}}|{{TrimSpace "\u00a0x\u2003"}}|)",
       "ello worl|a|x|"},
      {R"({{TrimPrefix .msg "hello "}} {{TrimSuffix .msg "ld"}} {{trimPrefix "hello " .msg}} {{trimSuffix "ld" .msg}})",
       "world hello wor world hello wor"},
  });
}

TEST(TemplateFunctions, CutsAndPads) {
  CheckTexts({
      {"{{trunc 3 .msg}} {{trunc -3 .msg}} {{trunc 99 .msg}} {{trunc -99 .msg}} {{trunc 0 .msg}}|",
       "hel rld hello world hello world |"},
      {"{{substr 0 3 .msg}} {{substr 2 5 .msg}} {{substr -1 3 .msg}} {{substr 3 -1 .msg}} {{substr "
       "3 99 .msg}}",
       "hel llo hel lo world lo world"},
      {"{{indent 2 .lines}}|{{nindent 3 .lines}}", "  x\n  y\n  z|\n   x\n   y\n   z"},
      {R"({{repeat 3 "ab"}} {{repeat 0 "ab"}}|)", "ababab |"},
      {R"({{alignLeft 5 .app}}|{{alignRight 5 .app}}|{{alignLeft 2 .app}}|{{alignRight 2 .app}}|{{alignLeft 4 "é"}}|{{alignRight -1 .app}}|)",
       "web  |  web|we|eb|é   |web|"},
      {R"(<{{alignLeft 0 .app}}{{alignRight 0 .app}}{{alignRight 0 ""}}>)", "<>"},
  });
}

TEST(TemplateFunctions, SearchesTexts) {
  CheckTexts({
      {R"({{contains "ell" .msg}} {{hasPrefix "hel" .msg}} {{hasSuffix "ld" .msg}} {{contains "x" .msg}})",
       "true true true false"},
      {R"~({{regexReplaceAll "l+" .msg "[$0]"}} {{regexReplaceAll "(\\w+) (\\w+)" .msg "$2 ${1}x"}})~",
       "he[ll]o wor[l]d world hellox"},
      {R"({{regexReplaceAllLiteral "l+" .msg "$0"}})", "he$0o wor$0d"},
      {R"~({{regexReplaceAll "(?P<first>h)" .msg "${first}${first}"}} {{regexReplaceAll "x*" "abc" "-"}})~",
       "hhello world -a-b-c-"},
      {R"({{count "l" .msg}} {{count "x*" .msg}} {{count "" "abc"}} {{count "a|" "baac"}})",
       "3 12 4 4"},
  });
}

TEST(TemplateFunctions, EncodesAndDecodes) {
  CheckTexts({
      {R"({{urlencode .url}} {{urldecode "a+b%26c%41"}})", "a+b%26c%3Dd%2F%C3%A9%3F a b&cA"},
      {R"({{b64enc .msg}} {{b64dec .b64}} {{b64enc ""}}|{{b64enc "a"}} {{b64enc "ab"}})",
       "aGVsbG8gd29ybGQ= hello |YQ== YWI="},
      {R"({{b64dec "YQ"}} {{b64dec "YQ="}} {{b64dec "YWI"}} {{b64dec "YWJ\nj"}})", "a a ab abc"},
      {R"({{b64dec "!!"}})", "illegal base64 data at input byte 0"},
      {R"({{b64dec "YWJjZ"}}|{{b64dec "YQ=Y"}}|{{b64dec "YWJj="}}|{{b64dec "YWI=="}})",
       "illegal base64 data at input byte 5|illegal base64 data at input byte 2|"
       "illegal base64 data at input byte 4|illegal base64 data at input byte 4"},
  });
}

TEST(TemplateFunctions, ConvertsNumbers) {
  CheckTexts({
      {R"({{int "12"}} {{int "0x10"}} {{int "1.9"}} {{int 1.9}} {{int "abc"}} {{int -3.9}} {{int "-5"}} {{int true}} {{int ""}})",
       "12 16 1 1 0 -3 -5 1 0"},
      {R"({{int "010"}} {{int "08"}} {{int " 5"}} {{int "1e3"}})", "8 0 0 0"},
      {R"({{int "10.0.0.1"}} {{int "1.5x"}} {{int ".5"}} {{int "0x1f.5"}} {{int "1_000"}} {{int "1__0"}})",
       "0 0 0 0 1000 0"},
      {R"({{int "-9223372036854775808"}} {{int "9223372036854775808"}} {{int "--5"}} {{int 1e100}})",
       "-9223372036854775808 0 0 -9223372036854775808"},
      {R"({{float64 "1.5"}} {{float64 2}} {{float64 "x"}} {{float64 "1e3"}} {{float64 ""}})",
       "1.5 2 0 1000 0"},
      {R"({{duration .dur}} {{duration_seconds "250ms"}})", "5400 0.25"},
  });
}

TEST(TemplateFunctions, Calculates) {
  CheckTexts({
      {R"({{add 1 2 3}} {{add}} {{add "1" "2"}} {{add 1.9 1}} {{sub 5 2}} {{mul 2 3 4}} {{mul 2}})",
       "6 0 3 2 3 24 2"},
      {"{{div 7 2}} {{mod 7 3}} {{div -7 2}} {{mod -7 3}}", "3 1 -3 -1"},
      {"{{addf 0.1 0.2}} {{subf 1 0.9}} {{mulf 1.1 3}} {{divf 10 4}} {{addf 1 2}} {{subf 3}}",
       "0.3 0.1 3.3 2.5 3 3"},
      {"{{divf 1 3}} {{divf 2 3}} {{divf 1e10 3}}",
       "0.3333333333333333 0.6666666666666667 3.3333333333333335e+09"},
      {"{{addf 123456789.123456789 10}} {{mulf 9223372036854775807 3}} {{divf 1e-10 3}}",
       "1.2345679912345679e+08 2.7670116110564327e+19 3.33333e-11"},
      {"{{mulf -2 0}} {{divf 0 -5}}", "0 0"},
      {R"({{max 1 3 2}} {{min 3 1 2}} {{maxf 1.5 2.5}} {{minf 1.5 0.5 3}} {{max "5" 3}} {{max 1}})",
       "3 1 2.5 0.5 5 1"},
      {R"({{ceil 1.2}} {{floor 1.8}} {{ceil "1.2"}} {{floor -1.5}} {{ceil 5}})", "2 1 2 -2 5"},
      {"{{round 1.2345 2}} {{round 2.5 0}} {{round 123.555555 3}} {{round 1.25 1 0.6}}",
       "1.23 3 123.556 1.2"},
      {R"({{add "12abc" 1}} {{add "" 1}} {{add nil 1}} {{add true 1}})", "1 1 1 2"},
  });
}

TEST(TemplateFunctions, GivesDefaults) {
  CheckTexts({
      {R"({{default "d" .empty}} {{default "d" .a}} {{default "d" 0}} {{default "d"}} {{.missing | default "x"}} {{default "d" nil}})",
       "d 1 d d x d"},
      {"{{__line__}} {{__line__ | len}}", R"(level=info msg="done" 21)"},
  });
}

TEST(TemplateFunctions, RefusesWhatDoesNotFit) {
  CheckRunErrors({
      {"{{div 1 0}}", "1:2 at <div 1 0>: error calling div: runtime error: integer divide by zero"},
      {"{{mod 1 0}}", "1:2 at <mod 1 0>: error calling mod: runtime error: integer divide by zero"},
      {"{{sub 1}}", "1:2 at <sub>: wrong number of args for sub: want 2 got 1"},
      {"{{substr 5 2 .msg}}",
       "1:2 at <substr 5 2 .msg>: error calling substr: runtime error: slice bounds out of range "
       "[5:2]"},
      {"{{substr 99 100 .msg}}",
       "1:2 at <substr 99 100 .msg>: error calling substr: runtime error: slice bounds out of "
       "range [99:11]"},
      {"{{substr -1 99 .msg}}",
       "1:2 at <substr -1 99 .msg>: error calling substr: runtime error: slice bounds out of range "
       "[:99] with length 11"},
      {R"({{repeat -1 "ab"}})",
       R"(1:2 at <repeat -1 "ab">: error calling repeat: strings: negative Repeat count)"},
      {"{{indent -1 .lines}}",
       "1:2 at <indent -1 .lines>: error calling indent: strings: negative Repeat count"},
      {R"({{urldecode "%zz"}})",
       R"(1:2 at <urldecode "%zz">: error calling urldecode: invalid URL escape "%zz")"},
      {R"({{urldecode "%4"}})",
       R"(1:2 at <urldecode "%4">: error calling urldecode: invalid URL escape "%4")"},
      {"{{round 1.5}}", "1:2 at <round>: wrong number of args for round: want at least 2 got 1"},
      {R"({{regexReplaceAll "[" .msg "x"}})",
       R"(1:2 at <regexReplaceAll "[" .msg "x">: error calling regexReplaceAll: error parsing regexp: missing closing ]: `[`)"},
  });
}

}  // namespace
}  // namespace skald::logql
