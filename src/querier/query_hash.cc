#include "querier/query_hash.h"

#include "logql/printer.h"

namespace skald::querier {

uint32_t QueryHash(std::string_view text) {
  uint32_t hash = 2166136261u;
  for (const char c : text) {
    hash = (hash * 16777619u) ^ static_cast<unsigned char>(c);
  }
  return hash;
}

std::string KnownText(std::string_view text, const logql::Expr& expr) {
  return logql::IsLogExpr(expr) ? logql::Print(expr) : std::string(text);
}

}  // namespace skald::querier
