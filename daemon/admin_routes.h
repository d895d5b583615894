#pragma once

// The routes of the admin listener: metrics and health, for operators only. The control thread.

#include <functional>
#include <string>

#include "router.h"

namespace earshotd {

struct AdminSources {
  std::function<bool()> is_ready;
  std::function<std::string()> write_metrics;
  /// What every request must show; empty: nothing.
  std::string token = {};
};

void AddAdminRoutes(Router& router, const AdminSources& sources);

}  // namespace earshotd
