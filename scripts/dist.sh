#!/usr/bin/env bash
# Makes everything that is handed out, in dist/: packages, archives, the
# installer for Windows, what they contain (SBOM) and their checksums. The same
# commit makes the same bytes, in whatever folder: nothing here knows the time,
# the folder or the user.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${VERSION:?make dist says it}"
export LC_ALL=C TZ=UTC GOFLAGS="-trimpath -mod=readonly" GOAMD64=v1 GOARM64=v8.0
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
umask 022
[ -z "$(git status --porcelain --untracked-files=no)" ] || echo "dist: there are changes that are not committed: this is no release" >&2

out=$PWD/dist
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
rm -f "$out"/*
ld="-s -w -X main.version=$VERSION"
winres=github.com/tc-hib/go-winres@v0.3.3
day=$(date -d "@$SOURCE_DATE_EPOCH" +%F)
programs=() # all that were built, for the list of what is inside

release() { go run ./internal/release "$@"; }

# build NAME FLAGS… with the environment of go build before it.
build() {
  local name=$1
  shift
  echo "dist: $name"
  go build -o "$work/programs/$name" "$@" .
  programs+=("$work/programs/$name")
}
mkdir -p "$work/programs"

GOOS=linux GOARCH=amd64 CGO_ENABLED=1 build bandeja-window-linux-amd64 -buildmode=pie -tags desktop,production,webkit2_41 -ldflags "$ld"
# The window for arm64 is built here, too, where its packages can be had. Go would
# hash the folder that they are in into the program's own name: it has none.
debs=(amd64)
if sysroot=$(scripts/sysroot.sh arm64); then
  debs+=(arm64)
  PKG_CONFIG_SYSROOT_DIR=$sysroot PKG_CONFIG_LIBDIR=$sysroot/usr/lib/aarch64-linux-gnu/pkgconfig:$sysroot/usr/share/pkgconfig \
    CC="aarch64-linux-gnu-gcc --sysroot=$sysroot" GOOS=linux GOARCH=arm64 CGO_ENABLED=1 \
    build bandeja-window-linux-arm64 -buildmode=pie -tags desktop,production,webkit2_41 -ldflags "$ld -buildid="
else
  echo "dist: there is no package for arm64 in it" >&2
fi
for arch in amd64 arm64; do
  GOOS=linux GOARCH=$arch CGO_ENABLED=0 build "bandeja-linux-$arch" -ldflags "$ld"
done

# Windows has programs with a console and programs without, and nothing that is
# both: bandeja.exe is the window, bandeja-cli.exe the same for a command line.
# Its icon, version and manifest are linked in from a file that go build finds.
sed "s/\"file_version\": \"0.0.0.0\", \"product_version\": \"0.0.0.0\"/\"file_version\": \"$VERSION.0\", \"product_version\": \"$VERSION.0\"/" \
  build/windows/winres.json >"$work/winres.json"
cp build/windows/icon.ico "$work/"
(cd "$work" && go run "$winres" make --in winres.json --arch amd64,arm64 --product-version "$VERSION.0" --file-version "$VERSION.0" --out resources)
trap 'rm -rf "$work" resources_windows_*.syso' EXIT
cp "$work"/resources_windows_*.syso .
for arch in amd64 arm64; do
  GOOS=windows GOARCH=$arch CGO_ENABLED=0 build "bandeja-windows-$arch.exe" -tags desktop,production -ldflags "$ld -H windowsgui"
  GOOS=windows GOARCH=$arch CGO_ENABLED=0 build "bandeja-cli-windows-$arch.exe" -tags desktop,production -ldflags "$ld"
done
rm -f resources_windows_*.syso

# What goes along with each.
mkdir -p "$work/along"
release man -version "$VERSION" -epoch "$SOURCE_DATE_EPOCH" >"$work/along/bandeja.1"
for shell in bash zsh fish; do release completion $shell >"$work/along/bandeja.$shell"; done
release sbom -version "$VERSION" "${programs[@]}" >"$out/bandeja_${VERSION}_sbom.cdx.json"
release notices "${programs[@]}" >"$work/along/licences-of-others.txt"

# still TREE: every file of it has the commit's time.
still() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }

deb() { # ARCH PROGRAM
  local arch=$1 root=$work/deb-$1 share=$work/deb-$1/usr/share
  install -D -m 755 "$2" "$root/usr/bin/bandeja"
  install -D -m 644 build/linux/bandeja.desktop "$share/applications/bandeja.desktop"
  install -D -m 644 frontend/public/favicon.svg "$share/icons/hicolor/scalable/apps/bandeja.svg"
  local size
  for size in 16 22 24 32 48 64 128 256 512; do
    mkdir -p "$share/icons/hicolor/${size}x$size/apps"
    rsvg-convert -w $size -h $size frontend/public/favicon.svg -o "$share/icons/hicolor/${size}x$size/apps/bandeja.png"
  done
  mkdir -p "$share/metainfo" "$share/man/man1" "$share/doc/bandeja" "$root/DEBIAN"
  sed "s/@VERSION@/$VERSION/; s/@DATE@/$day/" build/linux/app.bandeja.Bandeja.metainfo.xml >"$share/metainfo/app.bandeja.Bandeja.metainfo.xml"
  gzip -9nc "$work/along/bandeja.1" >"$share/man/man1/bandeja.1.gz"
  install -D -m 644 "$work/along/bandeja.bash" "$share/bash-completion/completions/bandeja"
  install -D -m 644 "$work/along/bandeja.zsh" "$share/zsh/vendor-completions/_bandeja"
  install -D -m 644 "$work/along/bandeja.fish" "$share/fish/vendor_completions.d/bandeja.fish"
  install -m 644 build/linux/copyright "$share/doc/bandeja/copyright"
  gzip -9nc "$work/along/licences-of-others.txt" >"$share/doc/bandeja/licences-of-others.gz"
  gzip -9nc CHANGELOG.md >"$share/doc/bandeja/CHANGELOG.md.gz"
  printf 'bandeja (%s) stable; urgency=medium\n\n  * Bandeja %s. What changed stands in CHANGELOG.md.gz.\n\n -- %s  %s\n' \
    "$VERSION" "$VERSION" "$(sed -n 's/^Maintainer: //p' build/linux/control)" "$(date -Rd "@$SOURCE_DATE_EPOCH")" |
    gzip -9n >"$share/doc/bandeja/changelog.gz"
  (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  # Whole KiB of each file and folder, as the file system here has no say in it.
  local kib
  kib=$(find "$root/usr" -printf '%y %s\n' | awk '{ n += $1 == "f" ? int(($2 + 1023) / 1024) : 1 } END { print n }')
  sed "s/@VERSION@/$VERSION/; s/@ARCH@/$arch/; s/@SIZE@/$kib/" build/linux/control >"$root/DEBIAN/control"
  find "$root" -type d -exec chmod 755 {} +
  find "$root/usr/share" "$root/DEBIAN" -type f -exec chmod 644 {} +
  still "$root"
  dpkg-deb --root-owner-group -Zxz --build "$root" "$out/bandeja_${VERSION}_$arch.deb" >/dev/null
}
for arch in "${debs[@]}"; do deb "$arch" "$work/programs/bandeja-window-linux-$arch"; done

for arch in amd64 arm64; do
  name=bandeja_${VERSION}_linux_$arch
  install -D -m 755 "$work/programs/bandeja-linux-$arch" "$work/$name/bandeja"
  install -m 644 README.md CHANGELOG.md LICENSE "$work/along/licences-of-others.txt" "$work/$name/"
  install -D -m 644 "$work/along/bandeja.1" "$work/$name/man/man1/bandeja.1"
  mkdir "$work/$name/completions"
  install -m 644 "$work"/along/bandeja.{bash,zsh,fish} "$work/$name/completions/"
  tar -C "$work" --format=ustar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf - "$name" |
    gzip -9n >"$out/$name.tar.gz"
done

for arch in amd64 arm64; do
  folder=$work/windows-$arch/Bandeja
  install -D -m 755 "$work/programs/bandeja-windows-$arch.exe" "$folder/bandeja.exe"
  install -m 755 "$work/programs/bandeja-cli-windows-$arch.exe" "$folder/bandeja-cli.exe"
  sed 's/$/\r/' LICENSE >"$folder/LICENSE.txt"
  sed 's/$/\r/' "$work/along/licences-of-others.txt" >"$folder/licences-of-others.txt"
  still "$folder"
  (cd "$work/windows-$arch" && find Bandeja -type f | sort | zip -qX9 -@ "$out/bandeja_${VERSION}_windows_$arch.zip")
done
makensis -V2 -WX -DVERSION="$VERSION" -DPROGRAMS="$work/windows-amd64/Bandeja" -DOUT="$out/bandeja_${VERSION}_windows_amd64_setup.exe" build/windows/installer/project.nsi

(cd "$out" && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
chmod 644 "$out"/*
ls -l "$out"
