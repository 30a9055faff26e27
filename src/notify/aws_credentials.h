#pragma once

#include <string>

#include "common/config_node.h"
#include "common/files.h"
#include "common/status.h"
#include "notify/aws_signature.h"

namespace skald::notify {

// What AWS' tools take from the environment.
struct AwsEnvironment {
  AwsKeys keys;                  // AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
  std::string region;            // AWS_REGION, else AWS_DEFAULT_REGION.
  std::string profile;           // AWS_PROFILE.
  std::string credentials_file;  // AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials.
};
AwsEnvironment ReadAwsEnvironment();

// Where requests are signed for, and by whom.
//
// Threads: a value.
struct AwsOptions {
  std::string region;
  AwsKeys keys;                  // Without an access key: those of
  std::string profile;           // this section of
  std::string credentials_file;  // this file, read anew for each request.
};

// Prometheus' `sigv4`. The keys are its own; else those of its profile; else the environment's, or
// those of the environment's profile. kInvalidArgument for what is missing or not supported.
Result<AwsOptions> CompileSigv4(const ConfigNode& sigv4, const AwsEnvironment& environment);

// kNotFound: no such file, or no keys in it.
Result<AwsKeys> LoadAwsKeys(const AwsOptions& options, FileSystem& files);

}  // namespace skald::notify
