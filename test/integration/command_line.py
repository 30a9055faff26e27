#!/usr/bin/env python3
"""Calls the server as operators and charts do, and holds exit codes and texts.

usage: command_line.py --server build/release/skald

The last line is 'N passed, N failed', a check each. Standard library only.
"""
import argparse
import os
import subprocess
import sys
import tempfile

FILES = {
    "good.yaml": "auth_enabled: false\nserver: {http_listen_port: ${PORT:-4100}}\nmemberlist: {bind_port: 7946}\nruler: {enable_api: true}\n",
    "plain.yaml": "auth_enabled: false\nmemberlist: {bind_port: 7946}\nruler: {enable_api: true}\n",
    "patterns.yaml": "pattern_ingester: {concurrent_flushes: 8, client_config: {remote_timeout: 5s}, metric_aggregation: {loki_address: a:1}}\n",
    "misspelt.yaml": "server:\n  http_listen_prot: 1\n",
    "limits.yaml": "limits_config: {ingestion_rate_mbb: 50}\n",
    "loki.yaml": "frontend: {scheduler_adress: a}\n",
    "s3.yaml": "common: {path_prefix: /loki, storage: {s3: {bucketnames: a}}}\ningester: {wal: {enabled: false}}\n",
    "config/config.yaml": "server: {http_listen_port: 4200}\n",
    "broken.yaml": "server: [\n",
    "section.yaml": "serverr: {http_listen_port: 1}\n",
    "defaults.yaml": "auth_enabled: False\nserver: {http_listen_port: ${NO_PORT:${NO_OTHER:-4300}}}\n",
    "operator.yaml": "server: {http_listen_port: ${NO_PORT#x}}\n",
    "twice.yaml": "auth_enabled: true\nserver: {http_listen_port: 1}\nauth_enabled: false\n",
    "schema.yaml": "schema_config: {configs: [{from: 2024-01-01, store: tsdb, schema: v99, index: {period: 24h}}]}\n",
    "blocked.yaml": "limits_config:\n  blocked_queries:\n    - patern: a\n",
    "secrets.yaml": "ruler: {alertmanager_client: {credentials: hush}, remote_write: {clients: {a: {url: 'http://me:hush@a', "
                    "headers: {X-Key: hush}}, b: {url: 'http://b', basic_auth: {username: me, password: hush}}}}}\n"
                    "common: {storage: {s3: {secret_access_key: hush}}}\nserver: {http_tls_config: {cert: public, key: hush}}\n",
}
# arguments, exit code, texts that must be in the output
CALLS = [
    (["-version"], 0, ["skald, version ", "speaks the API of Loki"]),
    (["--version"], 0, ["skald, version "]),
    (["-help"], 2, ["-config.file", "-server.http-listen-port"]),
    (["-h"], 2, ["-config.file"]),
    (["-help-config"], 0, ["| `server.http_listen_port` | `-server.http-listen-port` | `3100` |", "limits_config.max_line_size"]),
    (["-list-targets"], 0, ["all"]),
    (["-verify-config"], 0, ["config is valid"]),
    (["-config.file=plain.yaml", "-verify-config"], 0, ["config is valid"]),
    (["-config.file=good.yaml", "-config.expand-env=true", "-verify-config", "-print-config-stderr"], 0, ["http_listen_port: 4100"]),
    (["-config.file=good.yaml", "-verify-config"], 1, ["Use `-config.expand-env=true` flag"]),
    (["-config.file=nowhere.yaml", "-verify-config"], 1, ["nowhere.yaml does not exist, set config.file for custom config path"]),
    (["-config.file=nowhere.yaml,plain.yaml", "-verify-config"], 0, ["config is valid"]),
    (["-config.file=misspelt.yaml", "-verify-config"], 1, ["field http_listen_prot not found", "did you mean server.http_listen_port?"]),
    (["-config.file=limits.yaml", "-verify-config"], 1, ["limits.yaml: line 1", "did you mean limits_config.ingestion_rate_mb?"]),
    (["-config.file=loki.yaml", "-verify-config"], 1, ["did you mean frontend.scheduler_address?"]),
    (["-config.file=s3.yaml", "-verify-config"], 0,
     ["common.storage.s3: object storage is not used", "packs in /loki/chunks", "ingester.wal.enabled: without effect"]),
    (["-verify-config", "-print-config-stderr"], 0, ["http_listen_port: 4200"]),
    (["-config.expand-evn=true"], 2, ["did you mean -config.expand-env?"]),
    (["-server.proxy-protocol-enabled", "-verify-config"], 1, ["CONFIG ERROR: server.proxy_protocol_enabled"]),
    (["-config.file=section.yaml", "-verify-config"], 1, ["field serverr not found", "did you mean server?"]),
    (["-config.file=broken.yaml", "-verify-config"], 1, ["broken.yaml"]),
    (["-config.file=defaults.yaml", "-config.expand-env=true", "-verify-config", "-print-config-stderr"], 0,
     ["http_listen_port: 4300", "auth_enabled: false"]),
    (["-config.file=operator.yaml", "-config.expand-env=true", "-verify-config"], 1, ["cannot expand ${NO_PORT#x}"]),
    (["-config.file=twice.yaml", "-verify-config"], 1, ["twice.yaml: yaml: line 3: key auth_enabled is there twice"]),
    (["-config.file=schema.yaml", "-verify-config"], 1, ["CONFIG ERROR: schema_config.configs[0]: invalid schema version: v99"]),
    (["-config.file=blocked.yaml", "-verify-config"], 1,
     ["CONFIG ERROR: limits_config: blocked_queries: line 3: field patern not found; did you mean pattern?"]),
    (["-config.file=secrets.yaml", "-verify-config", "-print-config-stderr", "-log-config-reverse-order"], 0, ["<secret>"]),
    (["-querier.max-concurrent=0", "-verify-config"], 1, ["CONFIG ERROR: querier.max_concurrent must be greater than 0"]),
    (["-config.file=patterns.yaml", "-verify-config"], 0,
     ["without a meaning here", "pattern_ingester.concurrent_flushes,pattern_ingester.client_config,pattern_ingester.metric_aggregation.loki_address"]),
    (["-memberlist.advertise-addr=10.0.0.1", "-target=all", "-verify-config"], 0, ["config is valid"]),
    (["-server.http-listen-prot=1"], 2, ["flag provided but not defined", "did you mean -server.http-listen-port?", "Run with -help"]),
    (["-server.http-listen-port=many"], 2, ["-server.http-listen-port"]),
    (["-server.http-listen-port=100000", "-verify-config"], 1, ['msg="validating config" err="CONFIG ERROR: server.http_listen_port: 100000 is no port"']),
    (["-server.http-listen-port=100000", "-target=moon", "-log.level=loud", "-verify-config"], 1,
     ["MULTIPLE CONFIG ERRORS FOUND, PLEASE READ CAREFULLY\\nCONFIG ERROR: server.http_listen_port: 100000 is no port\\nCONFIG ERROR: server.log_level",
      "\\nCONFIG ERROR: target: unknown module 'moon'"]),
    (["-target=moon", "-verify-config"], 1, ["CONFIG ERROR: target: unknown module 'moon'"]),
    (["-log.format=json", "-verify-config"], 0, ['"level":"info","msg":"config is valid"']),
    (["word"], 2, ["argument without a flag: word"]),
    (["-health", "-health.url=http://127.0.0.1:1/ready"], 1, ["http://127.0.0.1:1/ready"]),
]


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    server = os.path.abspath(a.server)
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="skald-command-line-") as folder:
        for name, text in FILES.items():
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), "w") as f:
                f.write(text)
        for arguments, code, texts in CALLS:
            run = subprocess.run([server] + arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
            missing = [t for t in texts if t not in run.stdout]
            told = "hush" in run.stdout  # What files call a secret.
            if run.returncode == code and not missing and not told:
                passed += 1
            else:
                failed += 1
                print("FAILED %s: exit code %s, want %s; missing %s%s in:\n%s"
                      % (" ".join(arguments), run.returncode, code, missing, ", a secret" if told else "", run.stdout[-500:]))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
