# One word for each thing one does here. CONTRIBUTING.md says when.
VENV := .venv
PYTHON := $(VENV)/bin/python
FUZZ_SECONDS := 60
FUZZ_TARGETS := decoder request_body
FUZZ_COVERED := src/whaleline/documents/*,src/whaleline/imaging/pixels.py,*/PIL/*Plugin.py,*/PIL/ImageFile.py,src/whaleline/wire/body.py,src/whaleline/operations/*
# Two processes more than there are cores run tests, since each waits for its services now and then: the tests that
# tests/conftest.py puts together, in the order that it gives.
SIDE_BY_SIDE := -n $(shell expr $$(nproc) + 2) --maxprocesses 6 --dist loadscope --no-loadscope-reorder
export OMP_THREAD_LIMIT := 1
export OPENBLAS_NUM_THREADS := 1
unexport PYTHONDONTWRITEBYTECODE  # else each of the tests' hundreds of processes compiles Whaleline anew

.PHONY: serve test test-all check format docs docs-site screenshots packs languages dist image try-image fuzz lock clean

serve: $(VENV)/.serve  ## make the environment, then run the service
	exec $(VENV)/bin/whaleline serve

test: check packs  ## everything: lint, types, import directions, tests
	$(PYTHON) -m pytest $(SIDE_BY_SIDE)

test-all: check packs  ## all tests on every deployment and with every sample, which tests/conftest.py tells of
	WHALELINE_TEST_ALL=1 $(PYTHON) -m pytest $(SIDE_BY_SIDE)

check: $(VENV)/.dev
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/codespell src docs tests *.md

format: $(VENV)/.dev
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

docs: $(VENV)/.dev  ## write what docs/ takes from the code
	$(PYTHON) docs/settings_table.py
	$(PYTHON) docs/errors_table.py
	$(PYTHON) docs/http_table.py
	$(PYTHON) docs/python_table.py
	$(PYTHON) docs/command_line_table.py

docs-site: $(VENV)/.dev  ## write the documentation as a site in build/site/, with every link checked
	$(PYTHON) docs/gather_site.py
	$(VENV)/bin/zensical build --clean --strict

screenshots: $(VENV)/.dev packs  ## take the pictures of the page in docs/page/
	PYTHONPATH=tests $(PYTHON) docs/screenshots.py

dist: $(VENV)/.dev  ## build the sdist and the wheel in dist/, and try them in a fresh environment of each Python here
	rm -rf dist
	$(PYTHON) -m hatchling build
	$(PYTHON) -m twine check --strict dist/*
	$(PYTHON) tests/fresh_install.py dist/*.whl

# Podman and Buildah keep a health check in Docker's format only.
image:  ## build the container image with docker, podman or buildah; BASE names another base, PACKAGES fewer languages
	@for engine in docker "podman --format docker" "buildah --format docker"; do set -- $$engine; \
		if $$1 info >/dev/null 2>&1; then program=$$1; shift; set -x; \
			exec $$program build "$$@" -t whaleline:local $(if $(BASE),--build-arg BASE=$(BASE)) \
				$(if $(PACKAGES),--build-arg PACKAGES="$(PACKAGES)") .; fi; done; \
	echo "Neither docker nor podman nor buildah works here." >&2; exit 1

try-image:  ## run the image that `make image` made with Buildah, read with it, and say how large it is
	python3 tests/try_image.py

fuzz: $(VENV)/.fuzz  ## look for inputs that break the decoder, the body or the API; FUZZ_SECONDS=60 for each
	set -e; for target in $(FUZZ_TARGETS); do \
		$(PYTHON) fuzz/$$target.py --seconds $(FUZZ_SECONDS); \
		$(PYTHON) -m coverage run --source-pkgs=whaleline,PIL --data-file=fuzz/corpus/.coverage fuzz/$$target.py --replay; \
		$(PYTHON) -m coverage report --data-file=fuzz/corpus/.coverage --include='$(FUZZ_COVERED)'; \
	done
	FUZZ_EXAMPLES=$$((2 * $(FUZZ_SECONDS))) $(PYTHON) -m pytest -q tests/hostile/test_openapi.py

lock: $(VENV)/.dev  ## renew the locked versions
	$(VENV)/bin/uv pip compile -q --universal --upgrade --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links pyproject.toml --extra scaled --group build -o requirements.txt
	$(VENV)/bin/uv pip compile -q --universal --upgrade --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links -c requirements.txt pyproject.toml --extra scaled --group build --group dev -o requirements-dev.txt
	$(VENV)/bin/uv pip compile -q --universal --upgrade --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links -c requirements-dev.txt --group fuzz -o requirements-fuzz.txt

# What the tests use of Debian: a browser, servers and a network to start privately, fonts to draw with, dictionaries to
# check spelling by. A test that misses one of them is skipped and says so.
PROGRAMS := chromium-headless-shell libjs-pdf postgresql redis-server rabbitmq-server iproute2 poppler-utils sqlite3
FONTS := fonts-noto-core fonts-noto-cjk fonts-dejavu-core fonts-dkg-handwriting fonts-breip fonts-femkeklaver \
	fonts-rufscript fonts-kristi fonts-sjfonts fonts-humor-sans
DICTIONARIES := hunspell-en-us hunspell-de-de hunspell-fr hunspell-es hunspell-it hunspell-nl hunspell-pl hunspell-ru \
	hunspell-hr hunspell-cs hunspell-da hunspell-lv hunspell-no hunspell-pt-pt hunspell-sv myspell-et

languages: $(VENV)/.serve  ## add the models of all languages
	@$(call install,$$($(VENV)/bin/whaleline languages --packages))

packs: $(VENV)/.serve  ## add what the tests use of Debian, and the models of all languages
	@$(call install,$$($(VENV)/bin/whaleline languages --packages) $(PROGRAMS) $(FONTS) $(DICTIONARIES))

# Those of the packages that dpkg does not have; where that is not possible, a sentence and no failure. The servers among
# them are not started now, since the tests start their own, and since it fails where ports are taken or nothing runs
# services: unless this machine has a policy of its own (policy-rc.d, which dpkg asks before it starts one), the answer is
# no while packages are added.
POLICY := /usr/sbin/policy-rc.d
define install
missing=; for package in $(1); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -z "$$missing" ]; then echo "All packages are installed."; \
	elif ! command -v apt-get >/dev/null; then echo "There is no apt-get here; left out:$$missing"; \
	elif [ "$$(id -u)" != 0 ]; then echo "Only root can add packages: apt-get install$$missing"; \
	else if [ ! -e $(POLICY) ]; then \
			trap 'rm -f $(POLICY)' EXIT; printf '#!/bin/sh\nexit 101\n' >$(POLICY) && chmod +x $(POLICY); fi; \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing \
		|| echo "Not all could be added:$$missing"; fi
endef

clean:
	rm -rf $(VENV)

# The system's own python3 comes first, where it is new enough: distributions build theirs with profile-guided
# optimisation, most version managers do not, and a task takes a fifth more of the processor without. Debian leaves venv
# out of it; as root it can be added at once. Another one: `make SYSTEM=python3.12 serve`, before the environment is there.
SYSTEM := /usr/bin/python3
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
$(VENV)/bin/python:
	@is_new_enough() { "$$1" -c '$(NEW_ENOUGH)' 2>/dev/null; }; \
	makes() { rm -rf $(VENV); "$$1" -m venv $(VENV); }; \
	adds_venv() { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -y -q python3-venv; }; \
	{ is_new_enough $(SYSTEM) && { makes $(SYSTEM) || { adds_venv && makes $(SYSTEM); }; }; } || \
	{ is_new_enough python3 && makes python3; } || \
	{ rm -rf $(VENV); echo "No python3 of 3.11 or newer makes environments here; as root: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.serve: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(PYTHON) -m pip install -q --require-hashes -r requirements.txt
	$(PYTHON) -m pip install -q --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.serve
	$(PYTHON) -m pip install -q --require-hashes -r requirements-dev.txt
	touch $@

$(VENV)/.fuzz: requirements-fuzz.txt $(VENV)/.dev
	$(PYTHON) -m pip install -q --require-hashes --only-binary=:all: -r requirements-fuzz.txt || \
		{ echo "make fuzz needs a wheel of atheris, which there is for Linux on x86-64 only" >&2; exit 1; }
	touch $@
