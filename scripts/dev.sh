#!/usr/bin/env bash
# The demo office behind Vite's own server: edit, and the page follows.
set -euo pipefail
cd "$(dirname "$0")/.."
go build -o bin/bandeja-dev .
./bin/bandeja-dev demo --serve --json --listen 127.0.0.1:5190 &
demo=$!
trap 'kill "$demo" 2>/dev/null || true' EXIT
cd frontend && BANDEJA_ORIGIN=http://127.0.0.1:5190 npm run dev
