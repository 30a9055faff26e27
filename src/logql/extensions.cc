#include "logql/extensions.h"

#include <string>

namespace skald::logql {

Status SwitchedOff(const Status& refusal, std::string_view extension) {
  return Status(refusal.code(),
                std::string(refusal.message()) + " (" + std::string(extension) +
                    " is an extension of LogQL by Skald: limits_config.logql_extensions is off)");
}

}  // namespace skald::logql
