#include "common/html_escape.h"

#include "common/utf8.h"

namespace skald {

std::string EscapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case 0:
        AppendRune(out, kReplacementRune);
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

}  // namespace skald
