# What a stranger types: `make serve` and `make test`. Needs git, make and Python; sets up the rest in .build/,
# with the versions of uv.lock. Two environments, so that serving never waits for TensorFlow
# (docs/decisions/0001-two-environments.md). Works with GNU make 3.81 and later.

# Only the command line sets these: some shells export HOST, and a page that looks at skin stays on this machine.
HOST := 127.0.0.1
PORT := 8000
# More for pytest: make test ARGS="-k losses"
ARGS :=
# What `make student` learns from, see docs/sources.md: the images, and the ImageNet weights of MobileNetV2 and of
# InceptionV3. The first four fifths of InceptionV3 are its teachers. `imagenet` downloads them.
HAM10000 := ham10000
MILK10K := milk10k
MSK := msk
PAD_UFES := pad_ufes
WEIGHTS := imagenet
TEACHER_WEIGHTS := imagenet
# More for each training and each export of it. A rehearsal, whose young students do not bear int8:
# SETTINGS='--set phases.0.epochs=1 --set phases.0.image_size=96' EXPORT_SETTINGS='--format float16'
SETTINGS :=
EXPORT_SETTINGS :=
# A Python of your own choice: make serve PYTHON=/opt/python/bin/python3
PYTHON :=
UV_VERSION := 0.13.9

uv := .build/uv/bin/uv
serve_bin := .build/serve/bin
test_bin := .build/test/bin

# The browser half: its sources, and what the package build bundles from them (hatch_build.py).
client := client
client_sources := src/dermdistill/constants.json src/dermdistill/records/icd.json src/dermdistill/records/words.json \
	$(shell find $(client) \( -name node_modules -o -path $(client)/tests \) -prune -o -type f -print)
page_dist := src/dermdistill/web/page/dist
client_built := $(page_dist)/built-from

# An active environment, or a PYTHONPATH, must not leak into ours; no Python is downloaded behind your back. Without
# byte code every start compiles every module again, which takes longer than an answer.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never
# Seconds without a byte before a download counts as dead: TensorFlow is 270 MB.
export UV_HTTP_TIMEOUT := 180

.PHONY: help serve test counterparts student lint format lock fuzz endure docs site notebooks results types pictures hooks clean

help: ## Say what the targets do
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

serve: .build/serve/ready ## Serve the web page at http://127.0.0.1:8000 (HOST= and PORT= change that)
	@$(serve_bin)/dermdistill serve --open --host $(HOST) --port $(PORT)

test: .build/test/ready $(client)/node_modules/typescript ## Run all tests
	@$(test_bin)/python -m pytest -n 2 --dist loadfile $(ARGS)

# Each has an environment of its own: they ask for versions that exclude one another's and ours.
counterparts := kserve mlserver gradio
counterparts: $(counterparts:%=.build/counterparts/%/ready) ## Run the tests against what other people run: KServe, MLServer, Gradio
	@cd integrations && for name in $(counterparts); do \
		../.build/counterparts/$$name/bin/python -m pytest -q "test_$$name.py" || exit 1; \
	done

# Each training is a recipe in recipes/shipped, and each line goes on where it was stopped. First comes a student of
# HAM10000 alone with its teachers, then the one that ships, which goes on from it on four sources. PAD-UFES-20 only
# measures. On a GPU: KERAS_BACKEND=jax, see docs/gpu.md.
shipped := recipes/shipped
sources := runs/data/isic2019
student: .build/test/ready ## Make the shipped student again, and its teachers, from images and ImageNet weights
	$(test_bin)/dermdistill data prepare "$(HAM10000)" --out runs/data/ham10000
	$(test_bin)/dermdistill train $(shipped)/inception_v3_mixed8_at_224.toml --init "$(TEACHER_WEIGHTS)" $(SETTINGS)
	$(test_bin)/dermdistill train $(shipped)/inception_v3_mixed8_at_224_1.toml --init "$(TEACHER_WEIGHTS)" $(SETTINGS)
	$(test_bin)/dermdistill distill $(shipped)/mobilenet_v2_two_teachers.toml --init "$(WEIGHTS)" $(SETTINGS)
	$(test_bin)/dermdistill distill $(shipped)/mobilenet_v2_gentle_end.toml $(SETTINGS)
	$(test_bin)/dermdistill distill $(shipped)/mobilenet_v2_degraded.toml $(SETTINGS)
	$(test_bin)/dermdistill data prepare "$(HAM10000)" --classes isic2019 --out $(sources)/ham10000
	$(test_bin)/dermdistill data prepare "$(MILK10K)" --classes isic2019 --out $(sources)/milk10k
	$(test_bin)/dermdistill data prepare "$(MSK)" --classes isic2019 --licence "CC BY-NC 4.0" --picture dermoscopic \
		--citation "ISIC 2017/2019, arXiv:1710.05006, arXiv:1902.03368" --out $(sources)/msk
	$(test_bin)/dermdistill data prepare "$(PAD_UFES)" --classes isic2019 --out $(sources)/pad_ufes
	$(test_bin)/dermdistill data split $(sources)/ham10000 $(sources)/milk10k $(sources)/msk $(sources)/pad_ufes \
		--keep results/splits.csv --test-only pad_ufes --out $(sources)/splits.csv
	$(test_bin)/dermdistill train $(shipped)/four_sources_labels.toml $(SETTINGS)
	$(test_bin)/dermdistill export runs/four_sources_labels --variant careful --version 0.10.0 $(EXPORT_SETTINGS)

lint: .build/test/ready $(client)/node_modules/typescript ## Check style, types, and that uv.lock fits pyproject.toml
	$(test_bin)/ruff check .
	$(test_bin)/ruff format --check .
	$(test_bin)/mypy
	for project in . src/service_worker tests; do \
		$(test_bin)/node $(client)/node_modules/typescript/bin/tsc --project $(client)/$$project || exit 1; \
	done
	@$(uv) lock --check --offline --no-config --quiet || { echo "uv.lock does not fit pyproject.toml: run 'make lock'."; exit 1; }

format: .build/test/ready ## Format the code and mend what ruff can mend
	$(test_bin)/ruff format .
	$(test_bin)/ruff check --fix .

# --no-config: the lock names the public index, whatever mirror this machine is set up for.
lock: $(uv) ## Bring uv.lock in line with pyproject.toml
	$(uv) lock --no-config

fuzz: .build/test/ready ## Decode a million mutated pictures of every format, and say in a table what came of it
	$(test_bin)/python tests/fuzz/run.py $(ARGS)

# Seconds of overload and of the long run, together.
SECONDS := 3600
endure: .build/test/ready ## Overload, kill, stop and fill the disk for an hour; writes docs/endurance.md
	$(test_bin)/python benchmarks/endure.py --seconds $(SECONDS) --out docs/endurance.md

docs: .build/test/ready ## Write docs/cli.md, docs/recipes.md, docs/architecture.md, indexes and tables from the code
	$(test_bin)/python docs/architecture.py
	$(test_bin)/python docs/icd.py
	$(test_bin)/python docs/decisions_index.py
	$(test_bin)/python -m dermdistill.distill.recipe.reference > docs/recipes.md
	$(test_bin)/python -m typer dermdistill.cli utils docs --name dermdistill --output docs/cli.md

# Its tools are in an environment of their own, so that neither serving nor testing waits for them.
site: .build/docs/ready ## Build the documents as a site in .build/site, strictly
	NO_MKDOCS_2_WARNING=1 PYTHONPATH=docs .build/docs/bin/mkdocs build --quiet --strict

notebooks: .build/docs/ready ## Run the tutorials and keep them as notebooks
	.build/docs/bin/python docs/notebooks.py $(ARGS)

results: .build/test/ready ## Measure new predictions in results/, and write the documents' tables of figures
	$(test_bin)/python results/figures.py
	$(test_bin)/python results/tables.py

types: .build/test/ready $(client)/node_modules/typescript ## Write the client's types from the Python models
	$(test_bin)/python $(client)/schemas.py | $(test_bin)/node $(client)/write_types.mjs $(client)/src/generated

pictures: .build/test/ready ## Photograph every kind of answer at two widths into runs/pictures (ARGS="--language ar")
	PYTHONPATH=tests $(test_bin)/python -m browser.pictures $(ARGS)

hooks: .build/test/ready ## Run the checks of .pre-commit-config.yaml at each commit
	$(test_bin)/pre-commit install

clean: ## Remove what make set up and what the tools cached
	rm -rf .build .mypy_cache .pytest_cache .ruff_cache .hypothesis $(page_dist) $(client)/node_modules

.build/serve/ready: pyproject.toml uv.lock hatch_build.py $(client_sources) $(client_built) | $(uv)
	@echo "Setting up what the web page needs in .build/serve (once, less than a minute) ..."
	@UV_PROJECT_ENVIRONMENT=.build/serve $(uv) sync --quiet --frozen --compile-bytecode --python .build/uv/bin/python --no-dev \
		--reinstall-package dermdistill
	@touch $@

.build/test/ready: pyproject.toml uv.lock hatch_build.py $(client_sources) $(client_built) | $(uv)
	@.build/uv/bin/python -c 'import sys; sys.exit(sys.version_info >= (3, 14))' || { \
		echo "TensorFlow, which the tests train with, has no release for Python 3.14 or later yet:" \
			"install Python 3.13 and run 'make clean'."; exit 1; }
	@echo "Setting up TensorFlow and the test tools in .build/test (once, a few minutes) ..."
	@UV_PROJECT_ENVIRONMENT=.build/test $(uv) sync --quiet --frozen --python .build/uv/bin/python \
		--extra train --group dev --reinstall-package dermdistill
	@touch $@

.build/docs/ready: pyproject.toml uv.lock hatch_build.py $(client_sources) $(client_built) | $(uv)
	@echo "Setting up what builds the site in .build/docs (once, a minute) ..."
	@UV_PROJECT_ENVIRONMENT=.build/docs $(uv) sync --quiet --frozen --python .build/uv/bin/python \
		--extra train --no-default-groups --group docs --reinstall-package dermdistill
	@touch $@

.build/counterparts/%/ready: integrations/requirements/%.txt pyproject.toml uv.lock $(client_built) | $(uv)
	@echo "Setting up what other people run in $(@D) (once, a minute) ..."
	@$(uv) venv --quiet --clear --python .build/uv/bin/python $(@D)
	@$(uv) pip install --quiet --python $(@D)/bin/python --editable . -r $<
	@touch $@

# Where it is missing, an environment has to be set up again, which builds it; a rule without recipe says so.
$(client_built):

# With what only lint, tests and `make types` need; the package build leaves that out.
$(client)/node_modules/typescript: $(client)/package-lock.json .build/test/ready
	@$(test_bin)/npm ci --prefix $(client) --loglevel=error
	@touch $@

# Newest first among the versions that everything here has releases for; then whatever `python3` is.
# A name counts only if it runs (version managers leave dead shims behind), is new enough, and can make an
# environment (Debian and Ubuntu split that off into python3-venv).
$(uv):
	@found=; seen=; for name in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
		$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
		seen=$$name; \
		$$name -c 'import ensurepip, venv' >/dev/null 2>&1 || continue; \
		found=$$name; break; \
	done; \
	if [ -z "$$seen" ]; then \
		echo "DermDistill needs Python 3.11 or later: install it, or name it with PYTHON=/path/to/python3."; exit 1; \
	elif [ -z "$$found" ]; then \
		echo "$$seen cannot make a virtual environment: install its venv module (Debian, Ubuntu: apt install python3-venv)."; \
		exit 1; \
	fi; \
	echo "Setting up with $$($$found --version) ..."; \
	rm -rf .build/uv && $$found -m venv .build/uv && \
	.build/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@test -x $@ && touch $@
