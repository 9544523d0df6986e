#!/usr/bin/env bash
# Prints the figures of the speed table. BENCH_CONVERSATIONS and
# BENCH_MESSAGES size the ingest (20 000 and 200 000 by default, at Waspy),
# BENCH_ROUNDS how often it is run; BENCH_MESSAGES_SEARCH how many messages are
# searched (a million by default), in files that are kept in BENCH_DIR. So is
# the office that the screen is measured over (of 100 000 threads, a GB).
set -euo pipefail
cd "$(dirname "$0")/.."
conversations=${BENCH_CONVERSATIONS:-20000}
messages=${BENCH_MESSAGES:-200000}
rounds=${BENCH_ROUNDS:-3}

echo "== in one process: go test -bench (medians of the runs; CPU where said)"
go test -run '^$' -bench . -skip FindMessages -timeout 60m -benchtime "${BENCH_TIME:-1s}" ./internal/phone ./internal/search ./internal/cache | grep -E '^(Benchmark|cpu|ok)'

echo
echo "== messages: the fifty newest among ${BENCH_MESSAGES_SEARCH:-1000000}, by filter and sort of question"
go test -run '^$' -bench FindMessages -benchtime 100x -timeout 60m ./internal/search | awk '
  /^Benchmark/ {
    split($1, name, "/"); sub(/-[0-9]+$/, "", name[3])
    for (i = 2; i < NF; i++) value[$(i + 1)] = $i
    if (!head++) printf "%-18s %-18s %8s %8s %8s %6s\n", "", "", "p50 ms", "p99 ms", "CPU ms", "hits"
    printf "%-18s %-18s %8.1f %8.1f %8.1f %6d\n", name[2], name[3], value["p50-ms"], value["p99-ms"], value["cpu-ms"], value["hits"]
  }'
echo
echo "== messages beside peers"
scripts/peers.sh

echo
echo "== ingest: simulator in another process, $conversations conversations, $messages messages, pages of 100; medians of $rounds"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
BENCH_CONVERSATIONS=$conversations BENCH_MESSAGES=$messages go test -run '^$' -bench 'Ingest$' -benchtime 1x -count "$rounds" ./internal/profile >"$out/ingest"
median() { # METRIC
  awk -v unit="$1" '{ for (i = 2; i <= NF; i++) if ($i == unit) print $(i - 1) }' "$out/ingest" | sort -n | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "-" }'
}
printf '%-34s %16s %12s\n' "" "CPU µs a row" "rows/s"
row() { printf '%-34s %16s %12s\n' "$1" "$(median "$2-cpu-µs/row")" "$(median "$2-rows/s")"; }
row "first copy: conversations" conversations
row "first copy: messages" messages
row "first copy: all" all
row "bare driver, same conversations" bare-conversations
row "bare driver, same messages" bare-messages
row "decode alone: all" decode
row "unchanged: conversations" unchanged-conversations
row "unchanged: messages" unchanged-messages
row "unchanged: all" unchanged-all
row "sync --full, unchanged: all" full-all
row "of it, looking through the file" look-through
echo "all / bare driver $(median all/bare), all / (bare driver + decode) $(median all/bare+decode)"
echo "first 50 threads: $(median first50-ms) ms after the start, $(median first50-requests) request"

./bin/bandeja simulate --json --no-rate-limit --conversations "$conversations" --messages "$messages" >"$out/sim.json" &
sim=$!
trap 'kill "$sim" 2>/dev/null; wait "$sim" 2>/dev/null || true; rm -rf "$out"' EXIT
for _ in $(seq 300); do [ -s "$out/sim.json" ] && break; sleep 0.1; done
field() { node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))[process.argv[2]]' "$out/sim.json" "$1"; }
export BANDEJA_PROFILE=$out/profile
field waspy_key | ./bin/bandeja --quiet account add waspy bench --base-url "$(field waspy)" --key-store file --rate 100000
./bin/bandeja --quiet --json sync >"$out/sync.json"
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

echo
# Last, as it fails where something is over its limit.
node frontend/tests/speed/speed.mjs
