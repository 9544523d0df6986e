#!/usr/bin/env bash
# Prints the figures of the speed table. BENCH_CONVERSATIONS and
# BENCH_MESSAGES size the ingest (20 000 and 200 000 by default, at Waspy).
set -euo pipefail
cd "$(dirname "$0")/.."
conversations=${BENCH_CONVERSATIONS:-20000}
messages=${BENCH_MESSAGES:-200000}

echo "== in one process: go test -bench (medians of the runs; CPU where said)"
go test -run '^$' -bench . -benchtime "${BENCH_TIME:-1s}" ./internal/phone ./internal/search ./internal/cache | grep -E '^(Benchmark|cpu|ok)'

echo
echo "== ingest: simulator in another process, $conversations conversations, $messages messages"
out=$(mktemp -d)
./bin/bandeja simulate --json --no-rate-limit --conversations "$conversations" --messages "$messages" >"$out/sim.json" &
sim=$!
trap 'kill "$sim" 2>/dev/null; wait "$sim" 2>/dev/null || true; rm -rf "$out"' EXIT
for _ in $(seq 300); do [ -s "$out/sim.json" ] && break; sleep 0.1; done
field() { node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))[process.argv[2]]' "$out/sim.json" "$1"; }
export BANDEJA_PROFILE=$out/profile
field waspy_key | ./bin/bandeja --quiet account add waspy bench --base-url "$(field waspy)" --key-store file --rate 100000
measure() { # NAME ROWS
  local rows=$2
  TIMEFORMAT='%U %S %R'
  { time ./bin/bandeja --quiet --json sync >"$out/sync.json"; } 2>"$out/time"
  awk -v name="$1" -v rows="$rows" '{ printf "%-22s %8d rows  %6.1f CPU µs a row  %8.0f rows/s  %6.1f s\n", name, rows, ($1+$2)*1e6/rows, rows/$3, $3 }' "$out/time"
}
measure "first copy" $((conversations + messages))
# A second run reads a page or two: what it costs is mostly the start.
TIMEFORMAT='%U %S %R'
{ time ./bin/bandeja --quiet --json sync >"$out/sync.json"; } 2>"$out/time"
awk '{ printf "sync, nothing new      %6.0f CPU ms  %6.2f s\n", ($1+$2)*1000, $3 }' "$out/time"
du -sh "$BANDEJA_PROFILE/cache.db" | awk '{ print "cache.db " $1 }'

echo
echo "== start: from the process to the first answer of the API, warm"
node scripts/start-time.mjs ./bin/bandeja
echo
ls -l bin/bandeja | awk '{ printf "== binary with its window: %.1f MB\n", $5 / 1e6 }'
