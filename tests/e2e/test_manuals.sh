#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual pages, tab completion, example settings and units agree with the programs.
set -u

behest=$BEHEST_BUILD/behest
man=$BEHEST_SOURCE/docs/man
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

wrong() {
	echo "test_manuals: $*"
	failed=1
}

lint() {
	complaints=$(mandoc -T lint -W style "$1" | grep -v -e 'referenced manual not found' -e 'outdated mandoc.db')
	[ -z "$complaints" ] || wrong "$complaints"
}

# Each page is well formed.
"$BEHEST_SOURCE/tools/man-settings" "$behest" "$man/behest.conf.5.in" > "$work/behest.conf.5"
for page in "$man"/*.[158] "$work/behest.conf.5"; do
	lint "$page"
done

# The page names every command with every option of it, and no other option.
for command in $("$behest" help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
	"$behest" "$command" --help > "$work/help" || wrong "$command --help"
	line=$(grep "^\.It Cm $command\b" "$man/behest.1") || wrong "behest.1 lacks $command"
	for option in $("$behest" "$command" --help | sed -n 's/^  --\([a-z-]*\).*/\1/p'); do
		[ "$option" = help ] && continue
		case "$line " in
		*"Fl -$option "*) ;;
		*) wrong "behest.1: $command lacks --$option" ;;
		esac
	done
	for option in $(printf '%s\n' "$line" | grep -o 'Fl -[a-z-]*' | sed 's/Fl -//'); do
		"$behest" "$command" --help | grep -q "^  --$option\b" ||
			wrong "behest.1: $command has no --$option"
	done
done

# Every setting is in its page, and the example holds only right ones.
for key in $("$behest" config --data "$work" --print | sed -n 's/^\([a-z_]*\) = .*/\1/p'); do
	grep -q "^\.It Cm $key\$" "$work/behest.conf.5" || wrong "behest.conf.5 lacks $key"
done
"$behest" config --check "$BEHEST_SOURCE/conf/behest.conf.example" || wrong "the example is wrong"

# Completion is valid and offers what there is.
"$behest" completion bash > "$work/bash" || wrong "completion bash"
bash -n "$work/bash" || wrong "the bash completion is no bash"
offered=$(bash -c "source '$work/bash'; COMP_WORDS=(behest hi); COMP_CWORD=1; _behest; echo \"\${COMPREPLY[@]}\"")
[ "$offered" = history ] || wrong "bash offers '$offered' for 'behest hi'"
offered=$(bash -c "source '$work/bash'; COMP_WORDS=(behest up --to); COMP_CWORD=2; _behest; echo \"\${COMPREPLY[@]}\"")
[ "$offered" = "--tour --toy-home" ] || wrong "bash offers '$offered' for 'behest up --to'"
"$behest" completion zsh > "$work/zsh" || wrong "completion zsh"
if command -v zsh > /dev/null; then
	zsh -n "$work/zsh" || wrong "the zsh completion is no zsh"
fi

# Units stay as closed as they are.
exposure() {
	systemd-analyze security --offline=true --no-pager "$BEHEST_SOURCE/conf/behest-$1.service" 2> /dev/null |
		sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p'
}
if command -v systemd-analyze > /dev/null; then
	for limit in keeper:0.5 gate:1.5 hub:1.5 room:1.5 skills:2.0; do
		level=$(exposure "${limit%:*}")
		awk -v level="$level" -v most="${limit#*:}" \
			'BEGIN { exit !(level != "" && level <= most) }' ||
			wrong "behest-${limit%:*}.service is exposed $level, at most ${limit#*:}"
	done
	# And are well formed: no key that is not known, no other unit or program that is not there.
	mkdir "$work/units"
	for unit in "$BEHEST_SOURCE"/conf/*.service "$BEHEST_SOURCE"/conf/*.target; do
		sed "s|/usr/bin/behest|$BEHEST_BUILD/behest|" "$unit" > "$work/units/${unit##*/}"
	done
	complaints=$(systemd-analyze verify --man=no "$work"/units/* 2>&1 | grep -F behest)
	[ -z "$complaints" ] || wrong "$complaints"
else
	echo "skipped: no systemd-analyze"
fi
exit $failed
