#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_node.h"
#include "common/hash.h"
#include "common/regex.h"
#include "common/status.h"

namespace skald::wire {

// What becomes of an attribute.
enum class OtlpAction { kMetadata, kLabel, kDrop };

// A tenant's rules for attributes of one kind. The first rule that names an attribute, or whose
// expression matches all of its name, decides; an attribute without one becomes metadata.
//
// Threads: immutable once made.
class OtlpRules {
 public:
  OtlpAction ActionFor(std::string_view name) const;

 private:
  friend class OtlpMapping;

  struct Rule {
    size_t place = 0;  // In the configuration.
    OtlpAction action = OtlpAction::kMetadata;
  };
  struct Expression {
    Rule rule;
    std::shared_ptr<const Regex> regex;
  };

  void AddNames(const std::vector<std::string>& names, Rule rule);

  StringMap<Rule> names_;
  std::vector<Expression> expressions_;
};

// How a tenant wants OpenTelemetry's resources, scopes and records mapped to streams and entries:
// `limits_config.otlp_config`, made ready once for as long as it is in force.
//
// Threads: immutable once made.
class OtlpMapping {
 public:
  struct Options {
    // Attributes of resources that become labels unless the configuration ignores the defaults.
    std::vector<std::string> index_labels;
    // Labels of which the first that a resource has gives service_name; empty: none is added.
    std::vector<std::string> discover_service_name;
  };

  // kInvalidArgument names what is wrong with `config`.
  static Result<OtlpMapping> Compile(const ConfigNode& config, const Options& options);

  const OtlpRules& resource() const { return resource_; }
  const OtlpRules& scope() const { return scope_; }
  const OtlpRules& record() const { return record_; }
  bool severity_text_as_label() const { return severity_text_as_label_; }
  const std::vector<std::string>& discover_service_name() const { return discover_service_name_; }

 private:
  static Status Add(const ConfigNode& rules, OtlpRules& out);

  OtlpRules resource_;
  OtlpRules scope_;
  OtlpRules record_;
  bool severity_text_as_label_ = false;
  std::vector<std::string> discover_service_name_;
};

}  // namespace skald::wire
