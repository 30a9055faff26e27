// What Go's template language says: actions, blocks, variables, definitions; and its errors.

#include <gtest/gtest.h>

#include "logql/template_rows.h"

namespace skald::logql {
namespace {

using test::CheckParseErrors;
using test::CheckRunErrors;
using test::CheckTexts;

TEST(TemplateSyntax, PrintsWhatActionsGive) {
  CheckTexts({
      {"plain text", "plain text"},
      {"{{.a}}", "1"},
      {"{{ .a }} {{.missing}}|", "1 |"},
      {R"({{"abc"}} {{`a\b`}} {{"\""}})", R"(abc a\b ")"},
      {"{{1}} {{-1}} {{+1}} {{0x1F}} {{0b11}} {{0o17}} {{017}} {{1_000}}",
       "1 -1 1 31 3 15 15 1000"},
      {"{{1e3}} {{1.5}} {{1.}} {{.5}} {{1e100}}", "1000 1.5 1 0.5 1e+100"},
      {R"({{'a'}} {{'\n'}} {{'é'}})", "97 10 233"},
      {"{{true}} {{false}}", "true false"},
      {"{{print nil}}", "<nil>"},
      {"{{.a}}{{/* a comment */}}b", "1b"},
      {"{{(print .a)}}", "1"},
      {R"({{ .app | ToUpper | printf "%-6s|" }})", "WEB   |"},
      {"{{ .a | add 1 | mul 10 }}", "20"},
      {"{{.a\n| upper\n}}", "1"},
  });
}

TEST(TemplateSyntax, TrimsBlanksAtMarkedDelimiters) {
  CheckTexts({
      {"{{.a -}}   x", "1x"},
      {"x   {{- .a}}", "x1"},
      {"x \n\t{{- .a -}}\n\t y", "x1y"},
      {"{{- /* c */ -}} x", "x"},
      {"x {{- 3 -}} y", "x3y"},
      {"{{-3}}", "-3"},
      {"{{.app}} {{/* x */}} {{- .a}}", "web 1"},
  });
}

TEST(TemplateSyntax, ChoosesBranches) {
  CheckTexts({
      {"{{if .a}}x{{end}}{{if .empty}}y{{end}}", "x"},
      {"{{if .empty}}x{{else if .a}}y{{else}}z{{end}}", "y"},
      {"{{with .app}}{{.}}{{$.a}}{{end}}", "web1"},
      {"{{with $x := .app}}{{$x}}{{.}}{{end}}", "webweb"},
      {"{{with .empty}}x{{else with .a}}{{.}}{{else}}z{{end}}", "1"},
      {"{{with $x := 0}}a{{else}}{{$x}}{{end}}", "0"},
      {R"({{if and (eq .app "web") (gt (len .msg) 3)}}yes{{end}})", "yes"},
  });
}

TEST(TemplateSyntax, RangesOverListsMapsAndNumbers) {
  CheckTexts({
      {"{{range $i, $e := (fromJson .json).l}}{{$i}}={{$e}};{{end}}",
       "0=1;1=two;2=true;3=<no value>;4=map[k:v];"},
      {"{{range $e := (fromJson .json).l}}{{$e}};{{end}}", "1;two;true;<no value>;map[k:v];"},
      {"{{range (fromJson .json).l}}{{.}};{{end}}", "1;two;true;<no value>;map[k:v];"},
      {"{{range $k, $v := fromJson .json}}{{$k}}:{{$v}};{{end}}",
       "big:1.2345678901234568e+17;f:0.1;l:[1 two true <nil> "
       "map[k:v]];n:1e+06;o:map[p:map[q:3]];s:x;"},
      {"{{range .missing | fromJson}}x{{else}}none{{end}}", "none"},
      {"{{range 3}}{{.}}{{end}}{{range int .a}}{{.}}{{end}}", "0120"},
      {"{{range $i, $e := (fromJson .json).l}}{{if eq $i 2}}{{break}}{{end}}{{$e}} {{end}}",
       "1 two "},
      {"{{range $i, $e := (fromJson .json).l}}{{if eq $i 1}}{{continue}}{{end}}{{$i}} {{end}}",
       "0 2 3 4 "},
  });
}

TEST(TemplateSyntax, KeepsVariablesInTheirScope) {
  CheckTexts({
      {"{{$x := 1}}{{$x}}", "1"},
      {"{{$x := 1}}{{$x = 2}}{{$x}}", "2"},
      {"{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"},
      {R"({{$x := "1"}}{{range 2}}{{$x = print $x "a"}}{{end}}{{$x}})", "1aa"},
      {R"({{$x := "1"}}{{range 2}}{{$x := print $x "a"}}{{$x}}{{end}}{{$x}})", "1a1a1"},
      {"{{$i := 0}}{{$e := 0}}{{range $i, $e = (fromJson .json).l}}{{end}}{{$i}} {{$e}}",
       "4 map[k:v]"},
  });
}

TEST(TemplateSyntax, RunsDefinitions) {
  CheckTexts({
      {R"({{define "x"}}[{{.a}}]{{end}}{{template "x" .}}{{template "x"}})", "[1][<no value>]"},
      {R"({{template "x" .}}{{define "x"}}[{{.a}}]{{end}})", "[1]"},
      {R"({{block "b" .}}<{{.a}}>{{end}})", "<1>"},
      {R"({{define "x"}}{{end}}{{define "x"}}b{{end}}{{template "x"}})", "b"},
  });
}

TEST(TemplateSyntax, RefusesWhatDoesNotParse) {
  CheckParseErrors({
      {"{{", "1: unclosed action"},
      {"{{.a", "1: unclosed action"},
      {"{{.a }", R"(1: unexpected "}" in operand)"},
      {"{{if .a}}\n{{.b\n", "3: unclosed action started at line:2"},
      {R"({{"abc)", "1: unterminated quoted string"},
      {R"({{"abc}})", "1: unterminated quoted string"},
      {"{{`abc", "1: unterminated raw quoted string"},
      {"{{'a}}", "1: unterminated character constant"},
      {"{{'ab'}}", "1: malformed character constant: 'ab'"},
      {R"({{"\q"}})", "1: invalid syntax"},
      {"{{/* c }}", "1: unclosed comment"},
      {"{{/* c */ x}}", "1: comment ends before closing delimiter"},
      {"{{nope .a}}", R"(1: function "nope" not defined)"},
      {"{{.a | nope}}", R"(1: function "nope" not defined)"},
      {"{{$x}}", R"(1: undefined variable "$x")"},
      {"{{if .a}}{{$x := 1}}{{end}}{{$x}}", R"(1: undefined variable "$x")"},
      {"{{$x, $y := 1}}", "1: too many declarations in command"},
      {"{{range $i, 1}}x{{end}}", "1: range can only initialize variables"},
      {"{{range $i, $e, $f := .}}x{{end}}", "1: too many declarations in range"},
      {"{{break}}", "1: {{break}} outside {{range}}"},
      {"{{range 2}}{{break 1}}{{end}}", R"(1: unexpected "1" in {{break}})"},
      {"{{range}}x{{end}}", "1: missing value for range"},
      {"{{if}}x{{end}}", "1: missing value for if"},
      {"{{}}", "1: missing value for command"},
      {"{{if .a}}x", "1: unexpected EOF"},
      {"{{if .a}}x{{else}}y{{else}}z{{end}}", "1: expected end; found {{else}}"},
      {"{{end}}", "1: unexpected {{end}}"},
      {"x{{else}}", "1: unexpected {{else}}"},
      {"{{()}}", "1: missing value for parenthesized pipeline"},
      {"{{(.a}}", "1: unclosed left paren"},
      {"{{(.a))}}", "1: unexpected right paren"},
      {"{{| .a}}", R"(1: unexpected "|" in command)"},
      {"{{.a || .b}}", R"(1: unexpected "|" in command)"},
      {R"({{.a | "x"}})", "1: non executable command in pipeline stage 2"},
      {"{{.a | nil}}", "1: non executable command in pipeline stage 2"},
      {"{{true.x}}", R"(1: unexpected . after term "true")"},
      {R"({{"a".x}})", R"(1: unexpected . after term "\"a\"")"},
      {"{{.a, .b}}", R"(1: unexpected "," in operand)"},
      {"{{.a := 1}}", R"(1: unexpected ":=" in operand)"},
      {"{{:}}", "1: expected :="},
      {"{{@}}", R"(1: unexpected "@" in command)"},
      {"{{.a@}}", "1: bad character U+0040 '@'"},
      {"{{.a-}}", "1: bad character U+002D '-'"},
      {"{{“x”}}", "1: unrecognized character in action: U+201C '“'"},
      {"{{1a}}", R"(1: bad number syntax: "1a")"},
      {"{{08}}", R"(1: integer overflow: "08")"},
      {"{{99999999999999999999}}", R"(1: integer overflow: "99999999999999999999")"},
      {"{{1e400}}", R"(1: illegal number syntax: "1e400")"},
      {"{{ - 3}}", R"(1: illegal number syntax: "-")"},
      {"{{define x}}{{end}}", R"(1: unexpected "x" in define clause)"},
      {"{{template x}}", R"(1: unexpected "x" in template clause)"},
      {R"({{if .a}}{{define "x"}}{{end}}{{end}})", "1: unexpected <define> in command"},
      {R"({{define "x"}}a{{end}}{{define "x"}}b{{end}})",
       R"(1: template: multiple definition of template "x")"},
      {R"({{template "x" .)", R"(1: illegal number syntax: ".")"},
      {"a\nb {{nope}}", R"(2: function "nope" not defined)"},
  });
}

TEST(TemplateSyntax, TellsWhereARunFailed) {
  CheckRunErrors({
      {"{{len 1}}", "1:2 at <len 1>: error calling len: len of type int"},
      {"x\n  {{len 1}}", "2:4 at <len 1>: error calling len: len of type int"},
      {"{{nil}}", "1:2 at <nil>: nil is not a command"},
      {"{{.a.b}}", "1:4 at <.a.b>: can't evaluate field b in type string"},
      {"{{(fromJson .json).n.x}}", "1:12 at <.json>: can't evaluate field x in type interface {}"},
      {"{{(fromJson .json).zz.y}}", "1:12 at <.json>: nil pointer evaluating interface {}.y"},
      {R"({{"x" .a}})", R"(1:2 at <"x">: can't give argument to non-function "x")"},
      {R"({{.a "x"}})", "1:2 at <.a>: a is not a method but has arguments"},
      {"{{.a | .b}}", "1:7 at <.b>: b is not a method but has arguments"},
      {"{{$ .a}}", "1:2 at <$>: can't give argument to non-function $"},
      {R"({{(.a) "x"}})", R"(1:2 at <(.a) "x">: can't give argument to non-function .a)"},
      {"{{range .msg}}x{{end}}", "1:8 at <.msg>: range can't iterate over hello world"},
      {"{{range 1.5}}x{{end}}", "1:8 at <1.5>: range can't iterate over 1.5"},
      {"{{range $i, $j := 3}}{{$i}}{{end}}",
       "1:18 at <3>: can't use 3 to iterate over more than one variable"},
      {"{{$x = 2}}{{$x}}", "1:7 at <2>: undefined variable: $x"},
      {R"({{template "x"}})", R"(1:11 at <{{template "x"}}>: template "x" not defined)"},
      {R"({{define "x"}}{{len 1}}{{end}}{{template "x" .}})",
       R"(1:16: executing "x" at <len 1>: error calling len: len of type int)"},
      {"{{lower}}", "1:2 at <lower>: wrong number of args for lower: want 1 got 0"},
      {"{{printf}}", "1:2 at <printf>: wrong number of args for printf: want at least 1 got 0"},
      {"{{__line__ 1}}", "1:2 at <__line__>: wrong number of args for __line__: want 0 got 1"},
      {"{{upper 1}}", "1:8 at <1>: expected string; found 1"},
      {"{{upper nil}}", "1:8 at <nil>: cannot assign nil to string"},
      {R"({{upper (fromJson "null")}})", R"(1:18 at <"null">: invalid value; expected string)"},
      {"{{1 | upper}}", "1:6 at <upper>: wrong type for value; expected string; got int"},
      {"{{trunc 1.5 .msg}}", "1:8 at <1.5>: expected integer; found 1.5"},
      {R"({{trunc "3" .msg}})", R"(1:8 at <"3">: expected integer; found "3")"},
      {"{{trunc (add 1 2) .msg}}", "1:15 at <2>: wrong type for value; expected int; got int64"},
      {"{{unixEpoch 5}}", "1:12 at <5>: can't handle 5 for arg of type time.Time"},
      {"{{unixEpoch .ts}}", "1:12 at <.ts>: wrong type for value; expected time.Time; got string"},
  });
}

}  // namespace
}  // namespace skald::logql
