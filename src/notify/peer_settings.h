#pragma once

#include "common/config.h"
#include "common/config_node.h"
#include "common/status.h"
#include "notify/peer.h"

namespace skald::notify {

// How a server is reached and who asks, as Prometheus' configuration of HTTP clients has it.
//
// Threads: a value.
struct PeerSettings {
  PeerOptions peer = {.http = {.proxy_from_environment = false, .follow_redirects = true}};
  ConfigNode proxy_connect_header;
  ConfigNode oauth2;
  ConfigNode sigv4;
  ConfigNode azuread;
  ConfigNode passed_over;
};

// Registers each by its key.
void AddPeerSettings(Settings& settings, PeerSettings* peer);

// The settings in the form that sending needs. kInvalidArgument names the key that is wrong.
Result<PeerOptions> CompilePeer(const PeerSettings& settings, const AwsEnvironment& environment);

}  // namespace skald::notify
