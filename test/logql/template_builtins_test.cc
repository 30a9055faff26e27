// Go's own functions: comparison, logic, containers, printing.

#include <gtest/gtest.h>

#include "logql/template_rows.h"

namespace skald::logql {
namespace {

using test::CheckRunErrors;
using test::CheckTexts;

TEST(TemplateBuiltins, ComparesAndDecides) {
  CheckTexts({
      {R"({{eq .a "1"}} {{eq .a "1" "2"}} {{eq .a "0" "1"}} {{ne .a "1"}})",
       "true true true false"},
      {"{{eq (int .a) 1}} {{eq (add 1 1) 2}} {{eq (index .app 0) 119}}", "true true true"},
      {"{{eq nil nil}} {{eq nil 1}}", "true false"},
      {R"({{lt 1 2}} {{le 2 2}} {{gt 3 2}} {{ge 2 3}} {{lt "a" "b"}} {{lt 1.5 2.5}} {{ge "b" "b"}})",
       "true true true false true true true"},
      {R"({{and .a .b}} {{and .empty .b}}| {{and 1 0 2}} {{or .empty .b}} {{or 0 "" 3}} {{or 0 ""}}|)",
       "2.5 | 0 2.5 3 |"},
      {"{{.a | and .b}} {{.a | or .empty}} {{.a | and .empty}}|", "1 1 |"},
      {"{{or .a (len 1)}} {{and .empty (len 1)}}|", "1 |"},
      {"{{not .a}} {{not .empty}} {{not 0}}", "false true true"},
  });
}

TEST(TemplateBuiltins, LooksIntoContainers) {
  CheckTexts({
      {"{{len .app}} {{len (fromJson .json).l}}", "3 5"},
      {R"({{index . "app"}} {{index . "nope"}}|)", "web |"},
      {R"({{index (fromJson .json).l 1}} {{index (fromJson .json) "o" "p" "q"}} {{index .app 0}})",
       "two 3 119"},
      {R"({{index (fromJson .json) "zz"}})", "<no value>"},
      {"{{slice .app 1}} {{slice .app 1 2}} {{slice .app}} {{slice (fromJson .json).l 1 2}}",
       "eb e web [two]"},
      {"{{(fromJson .json).n}} {{(fromJson .json).s}} {{(fromJson .json).l}} {{(fromJson "
       ".json).o.p.q}} {{(fromJson .json).f}} {{(fromJson .json).big}} {{(fromJson .json).zz}}",
       "1e+06 x [1 two true <nil> map[k:v]] 3 0.1 1.2345678901234568e+17 <no value>"},
      {R"({{fromJson "bad"}} {{fromJson ""}} {{fromJson "null"}})",
       "<no value> <no value> <no value>"},
  });
}

TEST(TemplateBuiltins, Prints) {
  CheckTexts({
      {R"({{print 1 2 "a" "b" 3 4}})", "1 2ab3 4"},
      {R"({{println 1 "a"}})", "1 a\n"},
      {"{{print}}{{println}}", "\n"},
      {"{{print 1.0}} {{print 100000.0}} {{print 1000000.0}} {{print 123456789.0}} {{print "
       "0.0001}} {{print 0.00001}} {{print 1e21}}",
       "1 100000 1e+06 1.23456789e+08 0.0001 1e-05 1e+21"},
      {"{{print true}} {{print nil}}", "true <nil>"},
  });
}

TEST(TemplateBuiltins, FormatsIntegers) {
  CheckTexts({
      {R"({{printf "%d %5d|%-5d|%05d|%+d|% d" 1 2 3 4 5 6}})", "1     2|3    |00004|+5| 6"},
      {R"({{printf "%x %X %o %b %#x %#o %#b" 255 255 8 5 255 8 5}})",
       "ff FF 10 101 0xff 010 0b101"},
      {R"({{printf "%c %q %U %#U" 65 65 65 0x1F600}})", "A 'A' U+0041 U+1F600 '😀'"},
      {R"({{printf "%x %d" -255 -5}})", "-ff -5"},
      {R"({{printf "%*d|%-*d|" 5 1 5 1}})", "    1|1    |"},
      {R"({{printf "%3c|%-3c|" 97 98}})", "  a|b  |"},
  });
}

TEST(TemplateBuiltins, FormatsTexts) {
  CheckTexts({
      {R"({{printf "%s|%10s|%-10s|%.2s|%q" "ab" "ab" "ab" "abcdef" "a\"b"}})",
       R"(ab|        ab|ab        |ab|"a\"b")"},
      {R"({{printf "%x %X % x %.3x" "hi" "hi" "hi" "abcdef"}})", "6869 6869 68 69 616263"},
      {R"({{printf "%#x %# X" "hi" "hi"}})", "0x6869 0X68 0X69"},
      {R"({{printf "%#q %+q %v" "a" "é" "x"}})", R"(`a` "\u00e9" x)"},
      {R"({{printf "%T %T %T %T %T" 1 "a" 1.5 true .}})",
       "int string float64 bool map[string]string"},
      {R"({{printf "%t %5t|%-7t|" true true false}})", "true  true|false  |"},
  });
}

TEST(TemplateBuiltins, FormatsFloats) {
  CheckTexts({
      {R"({{printf "%f %.2f %8.3f|%-8.1f|" 1.5 1.5 1.5 1.5}})", "1.500000 1.50    1.500|1.5     |"},
      {R"({{printf "%e %E %g %G" 1500000.0 1500000.0 1e21 1e-7}})",
       "1.500000e+06 1.500000E+06 1e+21 1E-07"},
      {R"({{printf "%08.3f %+.1f %6.2f%%" 3.14159 2.0 12.345}})", "0003.142 +2.0  12.35%"},
      {R"({{printf "%.3g %.10g %g" 1234.5678 1234.5678 0.00001234}})",
       "1.23e+03 1234.5678 1.234e-05"},
      {R"({{printf "%v %v" 1.0 1000000.0}})", "1 1e+06"},
      {R"({{printf "%.*f" 2 1.23456}})", "1.23"},
      {R"({{printf "%x %X %x %.2x" 3.14 -1.5 0.0 1.0}})",
       "0x1.91eb851eb851fp+01 -0X1.8P+00 0x0p+00 0x1.00p+00"},
      {R"({{printf "%b %b" 3.14 1e21}})", "7070651414971679p-51 7629394531250000p+17"},
      {R"({{printf "%+v %+v" 1.5 2}})", "1.5 2"},
  });
}

TEST(TemplateBuiltins, MarksVerbsThatDoNotFit) {
  CheckTexts({
      {R"({{printf "%d"}})", "%!d(MISSING)"},
      {R"({{printf "%d" 1 2}})", "1%!(EXTRA int=2)"},
      {R"({{printf "%!"}})", "%!!(MISSING)"},
      {R"({{printf "%"}})", "%!(NOVERB)"},
      {R"({{printf "%z" 1}})", "%!z(int=1)"},
      {R"({{printf "%s" 1}})", "%!s(int=1)"},
      {R"({{printf "%5.2f|" "1"}} {{printf "%q %c" 0 0x110000}})",
       "%!f(string=    1)| '\\x00' \uFFFD"},
      {R"({{printf "%d" "x"}})", "%!d(string=x)"},
      {R"({{printf "%v %s %d" nil nil nil}})", "<nil> %!s(<nil>) %!d(<nil>)"},
      {R"({{printf "%d" (fromJson .json).l}})",
       "[%!d(float64=1) %!d(string=two) %!d(bool=true) <nil> map[%!d(string=k):%!d(string=v)]]"},
      {R"({{printf "%#o %+z" "x" 1}})", "%!o(string=x) %!z(int=+1)"},
      {R"({{printf "%[2]d %[1]d" 1 2}})", "2 1"},
      {R"({{printf "%[3]d" 1}})", "%!d(BADINDEX)"},
  });
}

TEST(TemplateBuiltins, Escapes) {
  CheckTexts({
      {R"({{html .html}} {{html 1 2 "x"}})",
       "&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt; 1 2x"},
      {"{{html nil}} {{urlquery nil}} {{html (fromJson .json).none 1}}",
       "&lt;no value&gt; %3Cno+value%3E &lt;no value&gt;1"},
      {"{{js .html}}", R"(\u003Ca href\u003D\"x\"\u003E\'\u0026\'\u003C/a\u003E)"},
      {R"({{js "a\nb\\c=d"}} {{js "é\u2028"}})", R"(a\u000Ab\\c\u003Dd é\u2028)"},
      {"{{urlquery .url}} {{urlquery 1 2}}", "a+b%26c%3Dd%2F%C3%A9%3F 1+2"},
  });
}

TEST(TemplateBuiltins, RefusesWhatDoesNotFit) {
  CheckRunErrors({
      {"{{eq .a 1}}",
       "1:2 at <eq .a 1>: error calling eq: incompatible types for comparison: string and int"},
      {"{{eq 1 1.0}}",
       "1:2 at <eq 1 1.0>: error calling eq: incompatible types for comparison: int and float64"},
      {"{{eq 1}}", "1:2 at <eq 1>: error calling eq: missing argument for comparison"},
      {"{{eq}}", "1:2 at <eq>: wrong number of args for eq: want at least 1 got 0"},
      {"{{lt true false}}",
       "1:2 at <lt true false>: error calling lt: invalid type for comparison"},
      {R"({{lt 1 "a"}})",
       R"(1:2 at <lt 1 "a">: error calling lt: incompatible types for comparison: int and string)"},
      {"{{lt nil 1}}", "1:2 at <lt nil 1>: error calling lt: invalid type for comparison"},
      {"{{len 3}}", "1:2 at <len 3>: error calling len: len of type int"},
      {"{{len nil}}",
       "1:2 at <len nil>: error calling len: reflect: call of reflect.Value.Type on zero Value"},
      {"{{index (fromJson .json).l 9}}",
       "1:2 at <index (fromJson .json).l 9>: error calling index: index out of range: 9"},
      {"{{index (fromJson .json).l 5}}",
       "1:2 at <index (fromJson .json).l 5>: error calling index: reflect: slice index out of "
       "range"},
      {"{{index (fromJson .json).l -1}}",
       "1:2 at <index (fromJson .json).l -1>: error calling index: index out of range: -1"},
      {R"({{index (fromJson .json) "zz" "y"}})",
       R"(1:2 at <index (fromJson .json) "zz" "y">: error calling index: index of nil pointer)"},
      {R"({{index .app "x"}})",
       R"(1:2 at <index .app "x">: error calling index: cannot index slice/array with type string)"},
      {"{{index .app 3}}",
       "1:2 at <index .app 3>: error calling index: reflect: string index out of range"},
      {"{{index 1 2}}", "1:2 at <index 1 2>: error calling index: can't index item of type int"},
      {"{{index nil 2}}", "1:2 at <index nil 2>: error calling index: index of untyped nil"},
      {"{{index . 1}}",
       "1:2 at <index . 1>: error calling index: value has type int; should be string"},
      {"{{slice .app 2 1}}",
       "1:2 at <slice .app 2 1>: error calling slice: invalid slice index: 2 > 1"},
      {"{{slice .app 9}}", "1:2 at <slice .app 9>: error calling slice: index out of range: 9"},
      {"{{slice .app 1 2 3}}",
       "1:2 at <slice .app 1 2 3>: error calling slice: cannot 3-index slice a string"},
      {"{{slice 1 2}}", "1:2 at <slice 1 2>: error calling slice: can't slice item of type int"},
      {"{{call .a}}", "1:2 at <call .a>: error calling call: non-function .a of type string"},
      {"{{5 | call}}", "1:6 at <call>: error calling call: non-function <int Value> of type int"},
      {"{{call nil}}", "1:2 at <call nil>: error calling call: call of nil"},
  });
}

}  // namespace
}  // namespace skald::logql
