// Times: layouts by example both ways, zones, methods.

#include <gtest/gtest.h>

#include <string>

#include "logql/template_rows.h"

namespace skald::logql {
namespace {

using test::CheckRunErrors;
using test::CheckTexts;

TEST(TemplateTime, ShowsTheTimeOfTheEntry) {
  CheckTexts({
      {"{{__timestamp__}}", "2023-11-14 22:13:20.123456789 +0000 UTC"},
      {R"({{__timestamp__ | date "2006-01-02T15:04:05.000Z07:00"}})", "2023-11-14T22:13:20.123Z"},
      {"{{__timestamp__ | unixEpoch}} {{__timestamp__ | unixEpochMillis}} {{unixEpochNanos "
       "__timestamp__}}",
       "1700000000 1700000000123 1700000000123456789"},
  });
}

TEST(TemplateTime, WritesLayouts) {
  CheckTexts({
      {R"({{date "2006" 0}} {{date "Jan _2 15:04:05 2006" 1700000000}})",
       "1970 Nov 14 22:13:20 2023"},
      {R"({{date "Mon Monday January 1 2 3 4 5 06 pm PM" 1700000000}})",
       "Tue Tuesday November 11 14 10 13 20 23 pm PM"},
      {R"({{date "02/01/06 03:04:05.999 MST -0700 Z0700 -07:00 Z07 __2 002" 1700000000}})",
       "14/11/23 10:13:20 UTC +0000 Z +00:00 Z 318 318"},
      {R"({{date "Janet Monx .000 ,999 .0001 _2006 20060102 1504" 1700000000}})",
       "Janet Monx .000  .0011 _2023 20231114 2213"},
      {R"({{__timestamp__.Format ".000 .999999 .000000000 ,000"}})",
       ".123 .123456 .123456789 ,123"},
  });
}

TEST(TemplateTime, ReadsLayouts) {
  CheckTexts({
      {R"({{toDate "2006-01-02" "2024-02-29"}})", "2024-02-29 00:00:00 +0000 UTC"},
      {R"({{toDate "2006-01-02" "2023-02-29"}})", "0001-01-01 00:00:00 +0000 UTC"},
      {R"({{toDate "2006-01-02 15:04:05 MST" "2024-01-02 03:04:05 UTC"}})",
       "2024-01-02 03:04:05 +0000 UTC"},
      {R"({{toDate "02 Jan 06 15:04 -0700" "02 Jan 24 15:04 +0200"}})",
       "2024-01-02 15:04:00 +0200 +0200"},
      {R"({{toDate "3:04PM" "12:05AM"}})", "0000-01-01 00:05:00 +0000 UTC"},
      {R"({{toDate "Jan 2 2006" "feb 3 2024"}})", "2024-02-03 00:00:00 +0000 UTC"},
      {R"({{toDate "2006-002" "2024-060"}})", "2024-02-29 00:00:00 +0000 UTC"},
      {R"({{toDate "15:04:05" "9:04:05.123"}})", "0000-01-01 09:04:05.123 +0000 UTC"},
      {R"({{toDate "2006-01-02T15:04:05Z07:00" "2024-01-02T03:04:05+05:30"}})",
       "2024-01-02 03:04:05 +0530 +0530"},
      {R"({{toDate "2006-01-02T15:04:05.999Z07:00" "2024-01-02T03:04:05.5Z"}})",
       "2024-01-02 03:04:05.5 +0000 UTC"},
      {R"({{toDate "2006-01-02" "no date"}})", "0001-01-01 00:00:00 +0000 UTC"},
      {R"({{toDate "2006-01-02 15:04" "2024-01-02   15:04"}})", "2024-01-02 15:04:00 +0000 UTC"},
      {R"({{toDate "2006-01-02 15:04" "2024-01-02T15:04"}})", "0001-01-01 00:00:00 +0000 UTC"},
      {R"({{toDate "06 15h" "68 24h"}})", "0001-01-01 00:00:00 +0000 UTC"},
      {R"({{toDate "06" "69"}})", "1969-01-01 00:00:00 +0000 UTC"},
      {R"({{toDate "2006 MST" "2024 GMT+3"}})", "2024-01-01 03:00:00 +0300 GMT+3"},
  });
}

TEST(TemplateTime, ReadsTimesOfNamedZones) {
  CheckTexts({
      {R"({{toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2024-07-01 12:00"}})",
       "2024-07-01 12:00:00 +0200 CEST"},
      {R"({{toDateInZone "2006-01-02 15:04" "America/New_York" "2024-01-01 12:00"}})",
       "2024-01-01 12:00:00 -0500 EST"},
      {R"({{toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2077-06-04 12:00"}})",
       "2077-06-04 12:00:00 +0200 CEST"},
      {R"({{toDateInZone "2006-01-02 15:04" "Europe/Moscow" "2040-07-01 12:00"}})",
       "2040-07-01 12:00:00 +0300 MSK"},
      {R"({{toDateInZone "2006-01-02 15:04" "America/New_York" "2064-02-29 12:00"}})",
       "2064-02-29 12:00:00 -0500 EST"},
      {R"({{toDateInZone "2006-01-02 15:04" "Nope/Nope" "2024-07-01 12:00"}})",
       "2024-07-01 12:00:00 +0000 UTC"},
  });
}

TEST(TemplateTime, HasTheMethodsOfGo) {
  CheckTexts({
      {"{{__timestamp__.Unix}} {{(__timestamp__).UnixNano}} {{__timestamp__.UnixMilli}} "
       "{{__timestamp__.UnixMicro}}",
       "1700000000 1700000000123456789 1700000000123 1700000000123456"},
      {"{{__timestamp__.Year}} {{__timestamp__.Month}} {{__timestamp__.Day}} "
       "{{__timestamp__.Weekday}} {{__timestamp__.YearDay}}",
       "2023 November 14 Tuesday 318"},
      {"{{__timestamp__.Hour}} {{__timestamp__.Minute}} {{__timestamp__.Second}} "
       "{{__timestamp__.Nanosecond}}",
       "22 13 20 123456789"},
      {"{{__timestamp__.AddDate 0 1 -3}} {{(__timestamp__.Add 3600000000000).Hour}} "
       "{{__timestamp__.UTC.Hour}}",
       "2023-12-11 22:13:20.123456789 +0000 UTC 23 22"},
      {"{{$t := __timestamp__}}{{$t.Before $t}} {{$t.After $t}} {{$t.Equal $t}} {{$t.IsZero}}",
       "false false true false"},
      {R"({{__timestamp__.Format "15:04"}})", "22:13"},
  });
}

// The time of the row is 2023-11-14 22:13:20.123456789, a Tuesday.
TEST(TemplateTime, MovesAndMeasures) {
  CheckTexts({
      {"{{__timestamp__.Sub (__timestamp__.Add -90000000000)}}", "1m30s"},
      {"{{(toDate `2006` `1600`).Sub __timestamp__}}", "-2562047h47m16.854775808s"},
      {"{{__timestamp__.Truncate 3600000000000}} {{__timestamp__.Round 3600000000000}}",
       "2023-11-14 22:00:00 +0000 UTC 2023-11-14 22:00:00 +0000 UTC"},
      {"{{(__timestamp__.Truncate 604800000000000).Weekday}}", "Monday"},  // Weeks begin so there.
      {"{{(__timestamp__.Round 20000000000).Second}} {{(__timestamp__.Round 16000000000).Second}}",
       "20 20"},
      {"{{(toDate `15:04:05` `00:00:01`).Round 2000000000}}", "0000-01-01 00:00:02 +0000 UTC"},
      {"{{__timestamp__.Truncate 0}}", "2023-11-14 22:13:20.123456789 +0000 UTC"},
      {"{{$t := __timestamp__}}{{$t.Compare ($t.Add 1)}} {{($t.Add 1).Compare $t}} {{$t.Compare "
       "$t.UTC}}",
       "-1 1 0"},
      {"{{__timestamp__.AddDate 0 3 17}} {{__timestamp__.AddDate -1 -11 0}}",
       "2024-03-02 22:13:20.123456789 +0000 UTC 2021-12-14 22:13:20.123456789 +0000 UTC"},
  });
}

TEST(TemplateTime, MonthsAndWeekdaysAreNumbersWithNames) {
  CheckTexts({
      {R"({{__timestamp__.Month}} {{printf "%02d %s %q %v" __timestamp__.Month __timestamp__.Month )"
       R"(__timestamp__.Month __timestamp__.Month}})",
       R"(November 11 November "November" November)"},
      {R"({{printf "%#v %x %b %T" __timestamp__.Weekday __timestamp__.Weekday )"
       R"(__timestamp__.Weekday __timestamp__.Weekday}})",
       "2 54756573646179 10 time.Weekday"},
      {R"({{printf "%t" __timestamp__.Month}})", "%!t(time.Month=11)"},
      {"{{eq __timestamp__.Month 11}} {{lt __timestamp__.Month 12}} {{add __timestamp__.Weekday "
       "1}} {{int __timestamp__.Month}}",
       "true true 3 11"},
      {"{{__timestamp__.Month.String | upper}} {{len __timestamp__.Weekday.String}}", "NOVEMBER 7"},
      {R"({{index "abcdef" __timestamp__.Weekday | printf "%c"}})", "c"},
      {"{{range __timestamp__.Weekday}}{{.}} {{end}}", "Sunday Monday "},
      {"{{with (__timestamp__.AddDate 0 0 -2).Weekday}}{{.}}{{else}}Sunday is zero{{end}}",
       "Sunday is zero"},
  });
}

TEST(TemplateTime, DurationsAreNumbersWithUnits) {
  CheckTexts({
      {R"({{$d := __timestamp__.Sub (__timestamp__.Add -1500000000)}}{{$d}} {{$d.Seconds}} )"
       R"({{printf "%d %s %#v %t" $d $d $d $d}} {{gt $d 1000}} {{eq $d 1500000000}})",
       "1.5s 1.5 1500000000 1.5s 1500000000 %!t(time.Duration=1500000000) true true"},
      {"{{if __timestamp__.Sub __timestamp__}}some{{else}}none{{end}}", "none"},
  });
}

// In a time's own zone, whose clocks change.
TEST(TemplateTime, KeepsToTheClocksOfAZone) {
  const std::string summer =
      R"({{$t := toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2024-03-30 12:00"}})";
  const std::string moved = summer + "{{$t.AddDate 0 0 1}} {{$t.Add 86400000000000}}";
  const std::string there = summer + "{{$t.Location}} {{$t.IsDST}} {{($t.AddDate 0 1 0).IsDST}}";
  const std::string back =
      summer + "{{__timestamp__.In $t.Location}} {{$t.In __timestamp__.UTC.Location}}";
  CheckTexts({
      {moved, "2024-03-31 12:00:00 +0200 CEST 2024-03-31 13:00:00 +0200 CEST"},
      {there, "Europe/Berlin false true"},
      {back, "2023-11-14 23:13:20.123456789 +0100 CET 2024-03-30 11:00:00 +0000 UTC"},
      {"{{__timestamp__.UTC.Location}} {{__timestamp__.Location.String}}", "UTC UTC"},
      {R"({{__timestamp__.UTC.GoString}})",
       "time.Date(2023, time.November, 14, 22, 13, 20, 123456789, time.UTC)"},
      {R"({{printf "%#v" __timestamp__}})",
       "time.Date(2023, time.November, 14, 22, 13, 20, 123456789, time.Local)"},
  });
}

TEST(TemplateTime, CallsNothingWithSeveralResults) {
  CheckRunErrors({
      {"{{__timestamp__.ISOWeek}}",
       "1:2 at <__timestamp__>: invalid function signature for ISOWeek: second return value should "
       "be error; is int"},
      {"{{__timestamp__.Clock}}",
       "1:2 at <__timestamp__>: function Clock has 3 return values; should be 1 or 2"},
      {"{{__timestamp__.Date 1}}",
       "1:2 at <__timestamp__>: wrong number of args for Date: want 0 got 1"},
  });
}

TEST(TemplateTime, RefusesWhatDoesNotFit) {
  CheckRunErrors({
      {"{{__timestamp__.Sub 5}}", "1:20 at <5>: can't handle 5 for arg of type time.Time"},
      {"{{__timestamp__.In `UTC`}}",
       "1:19 at <`UTC`>: can't handle `UTC` for arg of type *time.Location"},
      {"{{$d := 5}}{{__timestamp__.Add $d}}",
       "1:31 at <$d>: wrong type for value; expected time.Duration; got int"},
      {"{{__timestamp__.AddDate 0 __timestamp__.Month 0}}",
       "1:26 at <__timestamp__>: wrong type for value; expected int; got time.Month"},
      {"{{eq __timestamp__.Month `November`}}",
       "1:2 at <eq __timestamp__.Month `November`>: error calling eq: incompatible types for "
       "comparison: time.Month and string"},
      {"{{__timestamp__.Month.Nope}}",
       "1:2 at <__timestamp__>: can't evaluate field Nope in type time.Month"},
      {"{{__timestamp__.AddDate 10000001 0 0}}",
       "1:2 at <__timestamp__.AddDate 10000001 0 0>: error calling AddDate: date out of range"},
      {"{{__timestamp__.Nope}}",
       "1:2 at <__timestamp__>: can't evaluate field Nope in type time.Time"},
      {"{{__timestamp__.Format}}",
       "1:2 at <__timestamp__>: wrong number of args for Format: want 1 got 0"},
      {"{{__timestamp__.Format 1}}", "1:23 at <1>: expected string; found 1"},
  });
}

}  // namespace
}  // namespace skald::logql
