#!/usr/bin/env bash
# Asks Bandeja and its peers for the same words of the same messages: rg over a
# line of JSON for each message, notmuch over a mail for each. Medians; a ratio
# above 1 is Bandeja's. BENCH_SCALE multiplies how many there are.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in rg:ripgrep notmuch:notmuch; do
  command -v "${tool%%:*}" >/dev/null || echo "${tool%%:*} is not here and is left out: apt-get install -y ${tool##*:}"
done
BENCH_PEERS=1 go test -run '^$' -bench BesidePeers -benchtime 1x -timeout 60m ./internal/search | awk '
  /^BenchmarkBesidePeers\// {
    split($1, name, "/"); sub(/-[0-9]+$/, "", name[3]); gsub("_", " ", name[3])
    for (i = 2; i < NF; i++) value[$(i + 1)] = $i
    if (name[2] != last) printf "%-10s %-18s %12s %12s %10s   %s\n", "", "", "Bandeja ms", name[2] " ms", "ratio", name[2] " starts in " value["start-ms"] " ms"
    last = name[2]
    printf "%-10s %-18s %12.2f %12.2f %10.1f\n", name[2], name[3], value["own-ms"], value["peer-ms"], value["ratio"]
  }
  /written/ { sub(/^ *[a-z_]*\.go:[0-9]*: /, ""); print }
  /^(FAIL|---)/ { print; failed = 1 }
  END { exit failed }'
