// Times: layouts by example both ways, zones, methods.

#include <gtest/gtest.h>

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

TEST(TemplateTime, RefusesWhatDoesNotFit) {
  CheckRunErrors({
      {"{{__timestamp__.Nope}}",
       "1:2 at <__timestamp__>: can't evaluate field Nope in type time.Time"},
      {"{{__timestamp__.Format}}",
       "1:2 at <__timestamp__>: wrong number of args for Format: want 1 got 0"},
      {"{{__timestamp__.Format 1}}", "1:23 at <1>: expected string; found 1"},
  });
}

}  // namespace
}  // namespace skald::logql
