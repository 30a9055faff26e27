#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/config.h"
#include "common/config_node.h"
#include "common/status.h"
#include "notify/peer.h"
#include "notify/relabel.h"

namespace skald::notify {

// Where samples of recording rules go, as `ruler` in the configuration says it for all tenants.
//
// Threads: a value.
struct RemoteWriteSettings {
  bool enabled = false;
  ConfigNode clients;  // By name; each as an entry of Prometheus' remote_write.
  ConfigNode client;   // The one without a name, as files of old have it.
  bool add_org_id_header = true;

  std::string folder = "ruler-wal";  // Of what is still to be sent.
  std::chrono::nanoseconds max_age = std::chrono::hours(4);
  uint64_t max_bytes = uint64_t{256} << 20;  // Of each tenant.
};

void AddRemoteWriteSettings(Settings& settings, RemoteWriteSettings* remote_write);

// One receiver of samples.
//
// Threads: a value.
struct RemoteWriteClient {
  std::string id;    // Its key among the clients.
  std::string name;  // As metrics call it.
  std::string text;  // What it was made from, to see changes.
  std::string url;
  PeerOptions peer;
  RelabelRules relabel;
  size_t max_samples = 0;  // Of a request.
  std::chrono::nanoseconds min_backoff{};
  std::chrono::nanoseconds max_backoff{};
  bool retry_on_429 = true;  // Which Prometheus leaves out unless told: samples would be lost.
  std::chrono::nanoseconds sample_age_limit{};  // Older samples are not sent any more; 0: as all.
};

// The clients of a tenant whose own ruler_remote_write_config is `own`: a client of the same name
// is that of all with what the tenant's says over it. kInvalidArgument names client and key.
Result<std::vector<RemoteWriteClient>> CompileClients(const RemoteWriteSettings& settings,
                                                      const ConfigNode& own);

}  // namespace skald::notify
