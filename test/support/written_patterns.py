"""What a server that writes its patterns down is set up with, and asked by."""
from skald_process import CONFIG

# Nothing is left out for being rare, and writing does not wait.
SETTINGS = CONFIG + """  pattern_persistence_enabled: true
  pattern_rate_threshold: 0
pattern_ingester:
  enabled: true
  pattern_persistence: {push_period: 200ms}
"""
# Who may read what is written.
DRILLDOWN = {"X-Query-Tags": "Source=grafana-lokiexplore-app"}
