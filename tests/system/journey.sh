#!/usr/bin/env bash
# The product as a person meets it: a fresh data directory, two browsers, the main journey, and the audit log verified off line.
source "$(dirname "$0")/../../script/common.sh"
data="$(mktemp -d)"
trap 'rm -rf "$data"' EXIT
script/demo --smoke --data "$data/hospital" --port "$(test_port)"
