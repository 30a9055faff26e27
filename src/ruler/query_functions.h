#pragma once

#include <span>

#include "logql/template/template.h"
#include "logql/template/template_functions.h"
#include "ruler/alert_template.h"

namespace skald::ruler {

// What the functions below know of the run that calls them.
//
// Ownership: borrows both.
// Threads:   of one run.
struct AlertTemplateHost final : logql::TemplateHost {
  AlertTemplateHost(const logql::Template& text, const AlertTemplateData& data)
      : text(text), data(data) {}

  const logql::Template& text;
  const AlertTemplateData& data;
  int depth = 0;    // Of templates that `tmpl` runs.
  int queries = 0;  // That were run.
};

// Functions of alerts' templates that look beyond their arguments, and those that take apart what
// `query` gives. They run with an AlertTemplateHost.
std::span<const logql::TemplateFunction> QueryFunctions();

}  // namespace skald::ruler
