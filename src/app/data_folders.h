#pragma once

#include "app/app_config.h"
#include "maintenance/data_folders.h"

namespace skald::app {

// Where a process of `config`, which is complete, keeps what it stores. Rule files that others
// write are not its own.
maintenance::DataFolders DataFoldersOf(const AppConfig& config);

}  // namespace skald::app
