#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs with libhakmem preloaded in hard conditions: limits to the address space and to the memory of a control
# group, memory that is not overcommitted, libraries opened with RTLD_DEEPBIND.
# Usage: alloc-conditions.sh [WHAT...]   only these: limit, group, deepbind, strict
. "$(dirname "$0")/check.inc"
wanted() { # WHAT
	case " ${what_is_wanted:-$1} " in *" $1 "*) ;; *) return 1 ;; esac
}
what_is_wanted=$*

library=$(cd "$BUILD" && pwd)/libhakmem.so
[ -f "$library" ] || { echo "libhakmem.so has not been built"; exit 77; }

limited() { # KIB
	# shellcheck disable=SC3045 # -v is in dash and bash
	(ulimit -v "$1" && LD_PRELOAD=$library exec "$BUILD/tests/system/alloc_limited") >"$work/said" 2>&1
	equal "$(cat "$work/said")" ok
}
! wanted limit || check 'ulimit -v of 100 MB: NULL and ENOMEM, and 16 MiB when all is free' limited 100000
! wanted limit || check 'ulimit -v of 400 MB' limited 400000

# A control group of its own, of either version, where the machine lets us; its folder.
limited_group() { # BYTES
	unified=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	memory=$(awk '$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }' /proc/mounts)
	[ -z "$unified" ] || echo +memory 2>"$work/no-memory" >"$unified/cgroup.subtree_control"
	for group in "${unified:-/none}/hakmem-test-$$" "${memory:-/none}/hakmem-test-$$"; do
		mkdir "$group" 2>"$work/no-group" || continue
		for limit in memory.max memory.limit_in_bytes; do
			[ ! -e "$group/$limit" ] || { echo "$1" >"$group/$limit" && echo "$group" && return; }
		done
		rmdir "$group"
	done
	return 1
}
# Without swap space, which the kernel would rather use. What is kept of one pool must not be missed in another.
turns() {
	[ ! -e "$group/memory.swap.max" ] || echo 0 >"$group/memory.swap.max"
	sh -c 'echo $$ >"$0/cgroup.procs" && LD_PRELOAD=$1 exec "$2" 80' "$group" "$library" "$BUILD/tests/system/alloc_turns" >"$work/said" 2>&1
	equal "$(cat "$work/said")" ok
}
if ! wanted group; then
	: # not asked for
elif group=$(limited_group $((128 << 20))); then
	check 'a control group of 128 MiB: 80 from one pool after another' turns
	rmdir "$group"
else
	echo 'not tried: no control group with a limit can be made here'
fi

mkdir -p "$work/folder/own"
cat >"$work/plugin.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *give(void)
{
	return strcpy(malloc(100), "given");
}

void take(char *block)
{
	free(block);
}

void use(void)
{
	char *text = strdup("text"), *line = NULL;

	if (asprintf(&line, "%d", 5) > 0)
		free(line);
	free(realloc(text, 100));
}

/* Found by this library's RUNPATH alone. */
void *open_inner(void)
{
	return dlopen("inner.so", RTLD_NOW | RTLD_DEEPBIND);
}
END
echo 'int inner = 5;' >"$work/inner.c"
cat >"$work/host.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The plugin is found by this program's RUNPATH alone. */
int main(void)
{
	void *plugin = dlopen("plugin.so", RTLD_NOW | RTLD_DEEPBIND);

	if (plugin == NULL)
		return puts(dlerror()), 1;
	((void (*)(void))dlsym(plugin, "use"))();
	((void (*)(char *))dlsym(plugin, "take"))(strdup("taken"));
	free(((char *(*)(void))dlsym(plugin, "give"))());
	if (((void *(*)(void))dlsym(plugin, "open_inner"))() == NULL)
		return puts(dlerror()), 1;
	dlclose(plugin);
	if (dlopen("absent.so", RTLD_NOW | RTLD_DEEPBIND) != NULL || dlerror() == NULL)
		return puts("no error of a library that is not there"), 1;
	puts("ok");
	return 0;
}
END
deepbind() {
	gcc -shared -fPIC -o "$work/folder/own/inner.so" "$work/inner.c" &&
		gcc -D_GNU_SOURCE -O1 -shared -fPIC -o "$work/folder/plugin.so" "$work/plugin.c" -ldl \
			-Wl,--enable-new-dtags -Wl,-rpath,'$ORIGIN/own' &&
		gcc -D_GNU_SOURCE -O1 -o "$work/host" "$work/host.c" -ldl -Wl,--enable-new-dtags -Wl,-rpath,"$work/folder" || return
	LD_PRELOAD=$library "$work/host" >"$work/said" 2>&1
	equal "$(cat "$work/said")" ok
}
! wanted deepbind || check 'a library opened with RTLD_DEEPBIND shares the allocator, and all is found as ever' deepbind

# Where memory is not overcommitted, what is mapped and never touched counts. tests/vm/always.sh sets it where it harms nobody.
strict() {
	LD_PRELOAD=$library timeout 60 "$BUILD/tests/system/alloc_limited" >"$work/said" 2>&1
	equal "$(cat "$work/said")" ok
}
! wanted strict || [ "$(cat /proc/sys/vm/overcommit_memory)" != 2 ] || check 'memory is not overcommitted' strict
conclude
