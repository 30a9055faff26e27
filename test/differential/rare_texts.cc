#include "differential/rare_texts.h"

#include <cstddef>

namespace skald::differential {
namespace {

const std::vector<std::string> kSentences = {
    "昨夜の決済障害について報告します", "データベースへの接続がタイムアウトしました",
    "支付请求超时错误", "Überlauf im Zähler größer", "ſpecial Kelvin \xe2\x84\xaa sign"};

}  // namespace

std::string RareTexts::Id() {
  std::string id = IdOfMetadata();
  Note(id);
  return id;
}

std::string RareTexts::IdOfMetadata() {
  std::string id(random_.Pick<size_t>({16, 24, 32}), '0');
  for (char& digit : id) digit = "0123456789abcdef"[random_.Below(16)];
  return id;
}

const std::string& RareTexts::Event() {
  if (!event_.empty()) return event_;
  if (random_.Chance(30)) {
    event_ = random_.Pick(kSentences);
  } else {
    event_.assign(5 + random_.Below(8), ' ');
    for (char& letter : event_) {
      const char first = random_.Chance(50) ? 'g' : 'G';
      letter = static_cast<char>(first + random_.Below(20));
    }
  }
  Note(event_);
  return event_;
}

void RareTexts::Note(const std::string& text) {
  if (random_.Chance(10)) noted_.insert(text);
}

}  // namespace skald::differential
