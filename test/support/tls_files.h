#pragma once

#include <string_view>

namespace skald::test {

// A certificate for localhost and 127.0.0.1, signed by itself, until 2120; and its key. For tests
// alone: the key is known to everyone.
inline constexpr std::string_view kTestCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEJwiqaTlRs5r8qu
KcDz7CFTBcO5iPZVEh7USYciMVyk17b6WlhaKcSN9ZUj2tBdQ40UA/l6HKmUmYy4
Pi4NFuyjTjBMMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0
hwR/AAABMB0GA1UdDgQWBBSZhMoL2n+/e+eCDceAu9IsMCu6VTAKBggqhkjOPQQD
AgNIADBFAiEAnnVca9wmVwE9G4jsSvEOSb2mChE/yD4VhNC7/o/DKFMCIBLPw3jf
3itHkaN/ZO9rBr4Eb80P9709PmtrXFNmyFwF
-----END CERTIFICATE-----
)";
inline constexpr std::string_view kTestKey = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRB9zdnRv0YFFQCuO
9zfU6c1sV+dtqmidpVb56BRb0n+hRANCAARCcIqmk5UbOa/KrinA8+whUwXDuYj2
VRIe1EmHIjFcpNe2+lpYWinEjfWVI9rQXUONFAP5ehyplJmMuD4uDRbs
-----END PRIVATE KEY-----
)";

}  // namespace skald::test
