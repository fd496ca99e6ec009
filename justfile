# The recipes are the stages of .ci/run; `just check` is what to run before a commit.

# List the recipes
default:
    @just --list

# Format, lint, test, spelling: needs nothing but Rust and the installed typos
check:
    bash .ci/run fmt clippy test docs typos

# Format every file
fmt:
    cargo fmt --all

# Lint all targets; warnings are errors
clippy:
    bash .ci/run clippy

# Run all tests, doc tests and tidy rules
test:
    bash .ci/run test

# Build the documentation; warnings are errors
docs:
    bash .ci/run docs

# Check licences, bans and sources of the dependencies
deny:
    bash .ci/run deny

# Check the dependencies against the advisory database (network)
advisories:
    cargo deny check advisories

# Check the spelling
typos:
    bash .ci/run typos

# Check with the oldest supported Rust, where it is installed
msrv:
    bash .ci/run msrv

# Run every example on the emulator
examples:
    bash .ci/run examples

# Play a fixed set of seeds, crashes and deliberate defects against the emulator
simulate:
    bash .ci/run simulate

# Check the types of the fuzz targets; with nightly and cargo-fuzz, fuzz for a minute
fuzz:
    bash .ci/run fuzz

# Check that what is extracted from the published schemas is what they give
schemas:
    bash .ci/run schemas

# Build the release of a fresh clone and provision dev with it
release:
    bash .ci/run release

# Hold the requests of dev, staging and production against Azure's published schemas
traces:
    bash .ci/run traces

# Everything, as CI does
ci:
    bash .ci/run
