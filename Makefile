# Two commands: `make demo` and `make test`. They only drive the presets of CMakePresets.json.
PRESET ?= release
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
ifneq ($(shell command -v ninja 2>/dev/null),)
export CMAKE_GENERATOR ?= Ninja
endif
SOURCES = $(shell git ls-files --cached --others --exclude-standard '*.hpp' '*.cpp' '*.cuh' '*.cu')

.PHONY: help demo test setup configure build format format-check tidy clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

demo: PRESET = release
demo: configure ## install what is missing, build, run the demo into out/demo
	cmake --build build/$(PRESET) --target program --parallel $(JOBS)
	build/inrgene demo --out out/demo
	@echo "The demo's maps, tables and pictures are in out/demo"

test: build ## install what is missing, build, run all tests
	ctest --preset $(PRESET) --parallel $(JOBS)

setup: ## install what is missing (apt; elsewhere it names the packages)
	sh tools/setup.sh

configure: setup
	cmake --preset $(PRESET)

build: configure ## all programs and tests; PRESET=dev, asan, tsan, clang for another kind
	cmake --build build/$(PRESET) --parallel $(JOBS)

format: ## clang-format on every source
	@clang-format-14 -i $(SOURCES)

format-check: ## fails where clang-format would change a source
	@clang-format-14 --dry-run -Werror $(SOURCES)

tidy: ## clang-tidy on the headers, examples and the program (minutes)
	tools/tidy.sh $(JOBS) all

clean: ## remove build/ (out/ stays)
	rm -rf build
