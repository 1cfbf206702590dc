#!/bin/sh
# SPDX-License-Identifier: MIT
# C++: every form of new and delete, new handlers, std::bad_alloc, containers and exceptions, on libhakmem preloaded and
# linked; and a C program that is linked fully statically.
# beside: anything
set -u
build=${BUILD:-build}
library=$(cd "$build" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

command -v g++ >/dev/null 2>&1 || { echo "skipped: g++ is not installed"; exit 77; }
[ -f "$library/libhakmem.a" ] || { echo "skipped: libhakmem.a has not been built"; exit 77; }

cat >"$work/test.cc" <<'END'
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>
#include <string>
#include <thread>
#include <vector>

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			std::printf("line %d: %s\n", __LINE__, #condition); \
			std::exit(1); \
		} \
	} while (0)

struct alignas(256) wide {
	char bytes[300];
};

static int handled;
static void give_up()
{
	if (++handled == 3)
		std::set_new_handler(nullptr);
}

template <typename pointer> static pointer opaque(pointer value)
{
	asm volatile("" : "+r"(value));
	return value;
}

int main()
{
	std::size_t huge = opaque(static_cast<std::size_t>(1) << 50);
	int *one = opaque(new int(5)), *many = opaque(new int[1000]);
	delete one;
	delete[] many;
	wide *aligned = opaque(new wide), *more = opaque(new wide[10]);
	CHECK(reinterpret_cast<std::uintptr_t>(aligned) % 256 == 0);
	CHECK(reinterpret_cast<std::uintptr_t>(more) % 256 == 0);
	delete aligned;
	delete[] more;
	::operator delete(opaque(::operator new(40)), static_cast<std::size_t>(40));
	::operator delete[](opaque(::operator new[](40)), static_cast<std::size_t>(40));
	::operator delete(opaque(::operator new(40, std::nothrow)), std::nothrow);
	::operator delete[](opaque(::operator new[](40, std::nothrow)), std::nothrow);
	std::align_val_t alignment{4096};
	::operator delete(opaque(::operator new(40, alignment)), alignment);
	::operator delete[](opaque(::operator new[](40, alignment)), static_cast<std::size_t>(40), alignment);
	::operator delete(opaque(::operator new(40, alignment, std::nothrow)), alignment, std::nothrow);
	::operator delete[](opaque(::operator new[](40, alignment, std::nothrow)), alignment, std::nothrow);

	CHECK(::operator new(huge, std::nothrow) == nullptr);
	try {
		opaque(::operator new(huge));
		CHECK(false);
	} catch (const std::bad_alloc &) {
	}
	std::set_new_handler(give_up);
	try {
		opaque(new char[huge]);
		CHECK(false);
	} catch (const std::bad_alloc &) {
	}
	CHECK(handled == 3);
	try {
		opaque(::operator new(huge, alignment));
		CHECK(false);
	} catch (const std::bad_alloc &) {
	}

	std::map<std::string, std::vector<std::string>> table;
	std::vector<std::thread> threads;
	for (int i = 0; i < 20000; i++)
		table[std::to_string(i)].push_back(std::string(i % 300, 'x'));
	for (int i = 0; i < 4; i++)
		threads.emplace_back([] {
			for (int j = 0; j < 20000; j++)
				try {
					if (j % 100 == 0)
						throw std::string(j % 500, 'e');
				} catch (const std::string &thrown) {
					CHECK(thrown.size() == static_cast<std::size_t>(j % 500));
				}
		});
	for (auto &thread : threads)
		thread.join();
	CHECK(table.size() == 20000);
	std::puts("C++ ok");
}
END

# expect NAME WANTED COMMAND...
expect() {
	name=$1 wanted=$2
	shift 2
	got=$("$@" 2>&1)
	if [ "$got" = "$wanted" ]; then
		echo "ok: $name"
	else
		echo "FAILED: $name: $got"
		failed=1
	fi
}

whole="-Wl,--whole-archive $library/libhakmem.a -Wl,--no-whole-archive"
g++ -std=c++17 -O1 -o "$work/plain" "$work/test.cc" -pthread &&
	expect 'C++, preloaded' 'C++ ok' env LD_PRELOAD="$library/libhakmem.so" "$work/plain"
g++ -std=c++17 -O1 -o "$work/linked" "$work/test.cc" $whole -pthread &&
	expect 'C++, linked' 'C++ ok' "$work/linked"

cat >"$work/open.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int count, char **arguments)
{
	void *library = dlopen(arguments[count - 1], RTLD_NOW | RTLD_LOCAL);
	void *(*allocate)(size_t);
	void (*release)(void *);

	if (!library)
		return puts(dlerror()), 1;
	allocate = (void *(*)(size_t))dlsym(library, "malloc");
	release = (void (*)(void *))dlsym(library, "free");
	for (size_t size = 1; size < 4000000; size = size * 3 / 2 + 1) {
		void *block = allocate(size);
		memset(block, 1, size);
		release(block);
	}
	free(malloc(10));
	puts("dlopen ok");
	return 0;
}
END
gcc -o "$work/open" "$work/open.c" -ldl &&
	expect 'dlopen of libhakmem.so beside libc malloc' 'dlopen ok' "$work/open" "$library/libhakmem.so"

cat >"$work/plugin.cc" <<'END'
#include <cstddef>
#include <new>
static bool handled;
static void handle()
{
	handled = true;
	std::set_new_handler(nullptr);
}
extern "C" const char *run()
{
	volatile std::size_t huge = static_cast<std::size_t>(1) << 62;
	std::set_new_handler(handle);
	try {
		char *volatile block = new char[huge];
		return block ? "a block" : "null";
	} catch (const std::bad_alloc &) {
		return handled ? "plugin ok" : "the handler was not called";
	}
}
END
cat >"$work/host.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **arguments)
{
	void *plugin = dlopen(arguments[count - 1], RTLD_NOW | RTLD_LOCAL);

	if (!plugin)
		return puts(dlerror()), 1;
	puts(((const char *(*)(void))dlsym(plugin, "run"))());
	return 0;
}
END
g++ -shared -fPIC -o "$work/plugin.so" "$work/plugin.cc" && gcc -o "$work/host" "$work/host.c" -ldl &&
	expect 'a C++ plugin in a C program, preloaded' 'plugin ok' \
		env LD_PRELOAD="$library/libhakmem.so" "$work/host" "$work/plugin.so"
exit $failed
