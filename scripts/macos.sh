#!/usr/bin/env bash
# Bandeja.app and its disk image, on a Mac (Xcode's command line tools, Go,
# Node.js): VERSION=0.1.0 scripts/macos.sh. It has not been run yet: nobody had a
# Mac. It signs with BANDEJA_SIGN (a "Developer ID Application: …"), or for this
# Mac alone; to notarise, run afterwards
#   xcrun notarytool submit dist/bandeja_VERSION_macos_ARCH.dmg --keychain-profile NAME --wait
#   xcrun stapler staple dist/bandeja_VERSION_macos_ARCH.dmg
set -euo pipefail
cd "$(dirname "$0")/.."
: "${VERSION:?for example 0.1.0}"
[ "$(uname -s)" = Darwin ] || { echo "macos: WebKit and the tools of macOS are needed: run this on a Mac" >&2; exit 1; }
arch=$(go env GOARCH)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
contents=$work/Bandeja.app/Contents
mkdir -p "$contents/MacOS" "$contents/Resources" "$work/bandeja.iconset" dist

[ -f frontend/dist/index.html ] || (cd frontend && npm ci --no-audit --no-fund && npm run --silent build)
CGO_ENABLED=1 CGO_LDFLAGS="-framework UniformTypeIdentifiers -mmacosx-version-min=12.0" CGO_CFLAGS="-mmacosx-version-min=12.0" \
  go build -tags desktop,production -trimpath -ldflags "-s -w -X main.version=$VERSION" -o "$contents/MacOS/bandeja" .
sed "s/@VERSION@/$VERSION/" build/darwin/Info.plist >"$contents/Info.plist"
plutil -lint "$contents/Info.plist"
for size in 16 32 128 256; do
  sips -z $size $size build/appicon.png --out "$work/bandeja.iconset/icon_${size}x$size.png" >/dev/null
  sips -z $((size * 2)) $((size * 2)) build/appicon.png --out "$work/bandeja.iconset/icon_${size}x$size@2x.png" >/dev/null
done
iconutil -c icns -o "$contents/Resources/bandeja.icns" "$work/bandeja.iconset"
cp LICENSE "$contents/Resources/"
go run ./internal/release notices "$contents/MacOS/bandeja" >"$contents/Resources/licences-of-others.txt"
codesign --force --options runtime --sign "${BANDEJA_SIGN:--}" "$work/Bandeja.app"
codesign --verify --strict "$work/Bandeja.app"
mkdir "$work/image"
mv "$work/Bandeja.app" "$work/image/"
ln -s /Applications "$work/image/Applications"
hdiutil create -quiet -volname Bandeja -srcfolder "$work/image" -format UDZO "dist/bandeja_${VERSION}_macos_$arch.dmg"
echo "macos: dist/bandeja_${VERSION}_macos_$arch.dmg"
