#!/usr/bin/env bash
# The same commit makes the same bytes: builds what is handed out from two clean
# clones in folders of different length, the second with nothing in its build
# cache, and compares every file.
set -euo pipefail
cd "$(dirname "$0")/.."
both=$(mktemp -d)
trap 'chmod -R u+w "$both"; rm -rf "$both"' EXIT
commit=$(git rev-parse HEAD) # of both: another may come while the first is built
first=$both/a
second=$both/another/folder-with-a-longer-name
for clone in "$first" "$second"; do
  git clone -q --no-checkout . "$clone"
  (
    cd "$clone"
    git checkout -q --detach "$commit"
    [ "$clone" = "$first" ] || { umask 002 && export GOCACHE=$both/cache; }
    make -s dist
  )
done
diff "$first/dist/SHA256SUMS" "$second/dist/SHA256SUMS"
(cd "$second/dist" && sha256sum --check SHA256SUMS)
echo "dist-check: $(wc -l <"$first/dist/SHA256SUMS") files, the same from two clones of ${commit::12}"
