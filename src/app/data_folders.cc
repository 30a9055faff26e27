#include "app/data_folders.h"

#include "app/rule_config.h"

namespace skald::app {

maintenance::DataFolders DataFoldersOf(const AppConfig& config) {
  maintenance::DataFolders folders{.chunks = config.chunks_directory,
                                   .index = config.index_directory,
                                   .wal = config.ingester.wal.dir,
                                   .requests = config.deletes.folder,
                                   .rule_state = RuleStatePath(config.path_prefix),
                                   .rule_samples = config.notify.remote_write.folder};
  const RuleStorage rules = ChooseRuleStorage(config.ruler, config.path_prefix);
  if (rules.kind == RuleStorage::Kind::kOwn) folders.rules = rules.folder;
  if (rules.kind == RuleStorage::Kind::kObjects) folders.rule_objects = rules.folder;
  return folders;
}

}  // namespace skald::app
