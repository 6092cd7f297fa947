#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: tests/lint/docs-paths.sh [DIR]
# Every source that a page names, and every page that it links to, must exist:
# sources move, and pages do not notice. The last line is "N passed, N failed, N skipped".
set -uo pipefail
cd "${1:-$(dirname "$0")/../..}" || exit 2

status=0
for page in *.md docs/*.md docs/*/*.md tests/*/README.md tests/unit/fixtures/README.md; do
	[ -f "$page" ] || continue
	dir=$(dirname "$page")
	while read -r path; do
		[ -e "$path" ] && continue
		echo "# $page names $path, which does not exist"
		status=1
	done < <(grep -oE '\b(src|bpf|tests|include/ovltrace|schema|man|completions)/[A-Za-z0-9_./-]+[A-Za-z0-9_/]' "$page" | sort -u)
	while read -r link; do
		[ -e "$dir/$link" ] && continue
		echo "# $page links to $link, which does not exist"
		status=1
	done < <(grep -oE '\]\([^)#:]+[)#]' "$page" | sed 's/^](//; s/[)#]$//' | sort -u)
done
if [ $status = 0 ]; then
	echo "ok lint: paths in the docs"
else
	echo "not ok lint: paths in the docs"
fi
echo "$((1 - status)) passed, $status failed, 0 skipped"
exit $status
