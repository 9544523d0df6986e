# Bandeja: `make run` opens the demo office, `make test` passes every test.
# Both install what they lack. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION := 0.1.0
GO_LD   := -s -w -X main.version=$(VERSION)
# WebKitGTK 4.1 is what Debian 12 and Ubuntu 22.04 and later carry.
DESKTOP := desktop,production,webkit2_41
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.1.4

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: run
run: build ## Install what is missing, build, and open the demo office
	./bin/bandeja demo

.PHONY: build
build: install-build frontend/dist/index.html ## Build bin/bandeja, with its window
	go build -tags $(DESKTOP) -trimpath -ldflags '$(GO_LD)' -o bin/bandeja .

.PHONY: install-build install-test install-bench
install-build:
	@scripts/install.sh build
install-test:
	@scripts/install.sh build test
install-bench:
	@scripts/install.sh build test bench

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

frontend/dist/index.html: frontend/node_modules/.package-lock.json $(shell find frontend/src frontend/public frontend/index.html frontend/vite.config.ts internal/words -type f 2>/dev/null)
	cd frontend && npm run --silent build
	@touch $@

# Tests of properties draw the same each time; soak draws anew, and RAPID_SEED=0 does.
.PHONY: test
test: export RAPID_SEED ?= 1
test: install-test build lint ## Install what is missing and pass every test
	@# Three at a time on two cores: some wait more than they work.
	go test -p 3 $$(go list ./... | grep -v '/internal/trial$$')
	@# In its own folder, so that the counts and times are shown.
	cd internal/trial && go test -timeout 20m
	cd frontend && npm run --silent test
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go build -tags desktop,production -trimpath -ldflags '$(GO_LD) -H windowsgui' -o bin/bandeja.exe .
	CGO_ENABLED=0 go build -trimpath -ldflags '$(GO_LD)' -o bin/bandeja-browser .
	scripts/e2e.sh
	scripts/webkit.sh
	scripts/window.sh

.PHONY: lint
lint: frontend/node_modules/.package-lock.json ## Formatters and checkers, all clean
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	go vet -tags $(DESKTOP) .
	go run $(STATICCHECK) ./...
	@go run $(GOVULNCHECK) ./... || echo "govulncheck: its database could not be asked, or it found something: see above"
	cd frontend && npm run --silent check && npm run --silent lint && npm run --silent format:check

.PHONY: bench
bench: install-bench build ## Measure Bandeja beside its peers, into docs/benchmarks.md
	node frontend/tests/bench/bench.mjs

.PHONY: soak
soak: install-test build ## The long runs: faults, kills, a model of a million steps, pages that stand still, the window
	cd internal/trial && BANDEJA_SOAK=1 go test -count=1 -timeout 6h
	BANDEJA_TEST_KILLS=100 go test -count=1 -timeout 60m -run '^TestKilledSending$$' ./internal/syncer
	go test -count=13 -timeout 60m -run '^TestKilled' ./internal/syncer
	BANDEJA_SOAK=1 go test -count=1 -timeout 60m -run '^TestSendAfterAWeek$$' ./internal/syncer
	BANDEJA_SOAK=1 go test -count=1 -timeout 60m -run 'Disk|Full|PowerCut|Upgrade|Restore|Damage|OddComp|TwoOwners' -v ./internal/cache ./internal/profile
	BANDEJA_LATE=60 node frontend/tests/pauses.mjs scripts/e2e.sh
	BANDEJA_WINDOW_REQUESTS=100000 scripts/window.sh

.PHONY: office
office: ## LibreOffice opens the exported tables: no formula, every text as it was
	@scripts/install.sh office
	BANDEJA_OFFICE=1 go test -count=1 -run '^TestOffice$$' -v ./internal/export

.PHONY: screens
screens: install-test frontend/dist/index.html ## Save every screen as a picture in screens/
	cd frontend && BANDEJA_SCREENS=screens npm run --silent screens

.PHONY: pictures
pictures: install-test build ## Take the pictures of the documents anew
	cd frontend && node tests/pictures/pictures.mjs

.PHONY: dev
dev: frontend/node_modules/.package-lock.json ## The demo office with the interface rebuilt as it is edited
	scripts/dev.sh

.PHONY: dist dist-check dist-test install-dist
install-dist:
	@scripts/install.sh build dist
dist: install-dist frontend/dist/index.html ## Everything that is handed out, in dist/
	VERSION=$(VERSION) scripts/dist.sh

dist-check: install-dist ## Build what is handed out twice, from two clones, and compare
	scripts/dist-check.sh

dist-test: install-test dist ## Install, upgrade and remove what is handed out
	@scripts/install.sh dist-test
	VERSION=$(VERSION) scripts/deb.sh
	VERSION=$(VERSION) scripts/wine.sh

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin dist screens frontend/node_modules frontend/bundled.json
	find frontend/dist -mindepth 1 ! -name .keep -delete
