#include "api/html_page.h"

#include "common/html_escape.h"

namespace skald::api {

std::string HtmlPage(std::string_view title, std::string_view body) {
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>";
  page += EscapeHtml(title);
  page +=
      "</title><style>body{font-family:sans-serif;margin:2em}td,th{text-align:left;"
      "padding:.2em 1em .2em 0;vertical-align:top}</style></head><body>";
  page += body;
  page += "</body></html>\n";
  return page;
}

}  // namespace skald::api
