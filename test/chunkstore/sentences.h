#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "chunkstore/test_entries.h"

namespace skald::test {

// A sentence of scripts that put no spaces between words, with a number here and there.
inline std::string Sentence(EntryGenerator& generate) {
  static constexpr std::string_view kWords[] = {
      "接続",   "が",           "拒否",   "されました", "サーバー", "データベース", "へ",
      "の",     "タイムアウト", "再試",   "行",         "注文",     "番号",         "支払い",
      "エラー", "连接",         "数据库", "超时错误",   "请求",     "을",           "서버",
      "연결",   "ข้อผิดพลาด",     "の後に", "ｻｰﾊﾞｰ"};
  std::string out;
  const uint64_t words = 3 + generate.Below(14);
  for (uint64_t i = 0; i < words; ++i) {
    out += generate.Below(9) == 0 ? std::to_string(generate.Below(1'000'000))
                                  : std::string(kWords[generate.Below(std::size(kWords))]);
  }
  return out + "。";
}

}  // namespace skald::test
