# hakmem: build, test, install. Everything is made under build/; `make help` lists the entries.
# SPDX-License-Identifier: MIT

BUILD   ?= build
ifeq ($(origin CC),default)
CC      := gcc
endif
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PREFIX  ?= /usr/local
DESTDIR ?=
# Of units of systemd.
UNITDIR ?= $(PREFIX)/lib/systemd/system

VERSION := 0.1.0
ARCH    := $(shell uname -m)
BPF_ARCH_x86_64  := x86
BPF_ARCH_aarch64 := arm64

WARNINGS := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes
CFLAGS   ?= -O2 -g
ALL_CFLAGS = -std=gnu17 $(CFLAGS) $(WARNINGS) -D_GNU_SOURCE -DHAKMEM_VERSION='"$(VERSION)"' -Iinclude -MMD -MP

# The allocator replaces malloc, so the compiler must not turn its code into calls of malloc, and its one TLS pointer
# must not need a call to be found.
# Frame pointers, but in functions that call none, as the fast paths are: so a stack through the allocator is whole for those
# who read stacks by them.
FRAMES = -fno-omit-frame-pointer -momit-leaf-frame-pointer
ALLOC_CFLAGS = $(ALL_CFLAGS) -fPIC -fvisibility=hidden -ftls-model=initial-exec -fno-builtin-malloc \
	-fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free $(FRAMES) -Ialloc
LOADER_CFLAGS = $(ALL_CFLAGS) -fPIE -Iloader -I$(BUILD)/bpf -I.
LOADER_LIBS  = -lbpf -ldw -lelf -llzma -lz -ljansson -lsqlite3 -liberty -lncursesw -ltinfo -lpthread -lm
# -fno-builtin: a touch is a touch.
TRUTH_CFLAGS = $(ALL_CFLAGS) -DTRUTH_NAME='"$(@F)"' -fno-builtin
BPF_CFLAGS   = -std=gnu17 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter --target=bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH_$(ARCH)) \
	-Ivmlinux/$(ARCH) -Iinclude -Ibpf -idirafter /usr/include/$(ARCH)-linux-gnu -MMD -MP

ALLOC_OBJS  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard alloc/*.c))
BPF_SKELS   := $(patsubst bpf/%.bpf.c,$(BUILD)/bpf/%.skel.h,$(wildcard bpf/*.bpf.c)) $(BUILD)/bpf/trace_old.skel.h
LOADER_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard loader/*/*.c)) $(BUILD)/loader/symbol/hakmem_functions_list.o
LOADER_LIB_OBJS := $(filter-out $(BUILD)/loader/command/main.o,$(LOADER_OBJS))
LOADER_LIBRARY := $(BUILD)/loader/loader.a
BENCHES     := $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c))
BENCHES     += $(addsuffix -hakmem,$(BENCHES))
BENCHES     += $(BUILD)/bench/empty_hooks $(BUILD)/bench/suite/measure $(BUILD)/bench/suite/record.so $(BUILD)/bench/libculprit.so
TRUTHS      := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/system/*.c))
TRUTHS      += $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
TRUTHS      += $(patsubst %.c,$(BUILD)/%,$(wildcard tests/misuse/*.c))
TRUTHS      += $(BUILD)/tests/system/truth_library.so $(BUILD)/tests/system/unheard_malloc.so $(BUILD)/tests/system/crashing_malloc.so $(BUILD)/tests/system/truth32 $(BUILD)/tests/system/verifier_cost $(BUILD)/tests/system/export_sample $(BUILD)/tests/system/trace_each $(BUILD)/tests/system/probes
TRUTHS      += $(BUILD)/tests/web/flame_pages
# The truth programs in other ways of linking, where the machine has them.
TRUTHS      += $(patsubst %,$(BUILD)/tests/system/%,truth_tls-static truth_churn-static truth_thread-static truth_child-static \
	truth_tls-static-pie truth_thread-static-pie)
ifneq ($(shell command -v musl-gcc),)
TRUTHS      += $(patsubst %,$(BUILD)/tests/system/%,truth_tls-musl truth_churn-musl truth_thread-musl truth_child-musl \
	truth_tls-musl-static truth_churn-musl-static truth_thread-musl-static)
endif
UNITS       := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*/*.c))

.PHONY: all help alloc trace pages web bench-programs test-programs demo test test-long test-matrix bench bench-levers bench-assist bench-real bench-overhead findings install clean format
all: alloc trace bench-programs
alloc: $(BUILD)/libhakmem.so $(BUILD)/libhakmem.a
trace: $(BUILD)/hakmem-trace
bench-programs: $(BENCHES)
test-programs: $(TRUTHS) $(UNITS)

help:
	@echo 'make            libhakmem.so and .a, hakmem-trace, the bench programs'
	@echo 'make demo       set up, build and trace random_mixed'
	@echo 'make test       set up, build and run all tests'
	@echo 'make test-long  for long: the allocator, with an hour of fuzzing (FUZZ_SECONDS), sanitizers, models; starts of the tracer'
	@echo 'make test-matrix boot every kernel of tests/vm/kernels; docs/kernels.md has the outcome'
	@echo 'make bench      libhakmem beside other allocators (PEERS=folder adds some), into docs/allocators.md'
	@echo 'make bench-levers each setting of libhakmem beside its defaults, into docs/levers.md'
	@echo 'make bench-assist the same by hand and by measured costs (HAKMEM_ASSIST), into docs/assist-worth.md'
	@echo 'make bench-real real programs with libhakmem and other allocators preloaded, into docs/programs.md'
	@echo 'make findings   settle the claims of the study that hakmem began with, into docs/findings.md'
	@echo 'make bench-overhead what tracing costs beside perf and bpftrace, into docs/overhead.md'
	@echo 'make install    to $$(DESTDIR)$$(PREFIX)'
	@echo 'make web        the pages of web/built anew, of the sources in web/; needs node and npm'
	@echo 'make format     clang-format every source file'
	@echo 'make clean      remove $(BUILD)/'

demo:
	scripts/demo.sh
test:
	scripts/test.sh
# Hours: FUZZ_SECONDS (3600) of fuzzing, and the stress programs for longer; the tracer, started ten times as often.
test-long:
	scripts/test.sh --long fuzz/allocator system/alloc-sanitized system/alloc-stress model/ system/trace-leaves-nothing
test-matrix:
	scripts/test.sh --matrix vm/; status=$$?; tests/vm/table.sh && exit $$status
# BENCH_THP=never has results and a page of its own. BENCH_OPTIONS goes to the script: --allocators, --rounds, --only ...
BENCH_MODE    = $(BENCH_THP:%=-%)
BENCH_RESULTS = $(BUILD)/bench-results$(BENCH_MODE)
export BENCH_THP PEERS
bench: all
	bench/allocators.sh $(BENCH_OPTIONS) -o $(BENCH_RESULTS)
	sed 's/(time\.svg)/(allocators$(BENCH_MODE)-time.svg)/' $(BENCH_RESULTS)/report.md >docs/allocators$(BENCH_MODE).md
	cp $(BENCH_RESULTS)/time.svg docs/allocators$(BENCH_MODE)-time.svg
bench-levers: alloc bench-programs
	bench/levers.sh -o docs/levers.md
# Counts are of these VMs; who has no emulator or kernel is told so, and goes without.
ASSIST_VMS ?= 6.12-zero-off 6.12-zero-on
ASSIST_COUNTS = $(ASSIST_VMS:%=$(BUILD)/assist-counts-%)
bench-assist: all $(BUILD)/tests/system/trace_each
	rm -f $(ASSIST_COUNTS)
	for vm in $(ASSIST_VMS); do bench/assist-counts.sh --vm $$vm -o $(BUILD)/assist-counts-$$vm || [ $$? -eq 77 ] || exit 1; done
	bench/assist.sh $(BENCH_OPTIONS) $$(for file in $(ASSIST_COUNTS); do [ ! -e $$file ] || echo --counts $$file; done) -o docs/assist-worth.md
bench-real: alloc bench-programs
	bench/programs.sh $(BENCH_OPTIONS) -o $(BUILD)/program-results$(BENCH_MODE)
	cp $(BUILD)/program-results$(BENCH_MODE)/report.md docs/programs$(BENCH_MODE).md
findings: bench-assist
	bench/findings.sh --assist docs/assist-worth.md -o docs/findings.md
bench-overhead: trace bench-programs
	bench/overhead.sh -o docs/overhead.md

# --- libhakmem ---
$(BUILD)/alloc/%.o: alloc/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALLOC_CFLAGS) -c $< -o $@
$(BUILD)/libhakmem.so: $(ALLOC_OBJS)
	$(CC) $(CFLAGS) -shared -Wl,-soname,libhakmem.so -Wl,-z,now -Wl,-z,nodelete -o $@ $(ALLOC_OBJS) -lpthread
# deepbind is the preloaded library's alone, and must jump to libc's dlopen, which looks for its caller.
$(BUILD)/alloc/deepbind.o: ALLOC_CFLAGS += -O2 -foptimize-sibling-calls
$(BUILD)/libhakmem.a: $(filter-out %/deepbind.o,$(ALLOC_OBJS))
	rm -f $@
	$(AR) rcs $@ $^

# --- BPF programs: object, then skeleton ---
$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c Makefile
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -c $< -o $@
# The same for kernels before 5.17 (bpf/kernel_features.h).
$(BUILD)/bpf/%_old.bpf.o: bpf/%.bpf.c Makefile
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -DOLD_KERNEL -c $< -o $@
$(BUILD)/bpf/%.skel.h: $(BUILD)/bpf/%.bpf.o
	$(BPFTOOL) gen skeleton $< name $(subst -,_,$*) > $@.tmp
	mv $@.tmp $@

# --- hakmem-trace ---
$(BUILD)/loader/%.o: loader/%.c Makefile | $(BPF_SKELS)
	@mkdir -p $(@D)
	$(CC) $(LOADER_CFLAGS) -c $< -o $@
$(patsubst %.c,$(BUILD)/%.o,$(wildcard $(patsubst %,loader/%/*.c,trace stack space assist))): $(BPF_SKELS)
# libhakmem's functions by name, each with its source file (loader/symbol/hakmem_functions.h).
$(BUILD)/hakmem_functions_list.c: $(BUILD)/libhakmem.a Makefile
	nm -A --defined-only $< | awk 'BEGIN { print "#include \"symbol/hakmem_functions.h\""; \
		print "const char *const hakmem_functions[][2] = {" } \
		$$2 ~ /[tTwW]/ { split($$1, part, ":"); sub(/o$$/, "c", part[2]); \
		printf "{\"%s\", \"%s\"},\n", part[2], $$3 } END { print "{0, 0}};" }' >$@
$(BUILD)/loader/symbol/hakmem_functions_list.o: $(BUILD)/hakmem_functions_list.c
	@mkdir -p $(@D)
	$(CC) $(LOADER_CFLAGS) -c $< -o $@
# Pages within the binary. They are built already, in web/built, so that this needs no node: `make web` builds them anew of web/, and
# tests/web/built.sh holds that they are what web/ gives.
$(BUILD)/loader/output/flame_page.o: web/built/flame.html
$(BUILD)/loader/output/flame_page.o: LOADER_CFLAGS += -DFLAME_PAGE='"web/built/flame.html"'
$(BUILD)/hakmem-trace: $(LOADER_OBJS)
	$(CC) $(CFLAGS) -pie -o $@ $(LOADER_OBJS) $(LOADER_LIBS)
# For tests, each of which needs a few of them.
$(LOADER_LIBRARY): $(LOADER_LIB_OBJS)
	rm -f $@
	$(AR) rcs $@ $^

# Loaded when it is wanted (loader/live/microhttpd.h): the library that its header is of.
MICROHTTPD := $(shell readelf -d "$$($(CC) -print-file-name=libmicrohttpd.so)" 2>/dev/null | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
$(BUILD)/loader/live/microhttpd.o: LOADER_CFLAGS += -DMICROHTTPD='"$(or $(MICROHTTPD),libmicrohttpd.so)"'
$(BUILD)/loader/live/page.o: web/built/live.html web/built/live.policy
$(BUILD)/loader/live/page.o: LOADER_CFLAGS += -DLIVE_PAGE='"web/built/live.html"' -DLIVE_POLICY='"web/built/live.policy"'
# --- pages. Their packages are fetched once for each web/package-lock.json, through the registry that npm is configured with; npm
# writes only below build/. ---
NPM   := $(BUILD)/web/npm
PAGES := $(foreach page,$(patsubst web/%/page.html,%,$(wildcard web/*/page.html)),$(BUILD)/web/$(page).html $(BUILD)/web/$(page).policy)
$(NPM)/fetched: web/package.json web/package-lock.json web/fetch.sh
	web/fetch.sh $(NPM)
$(BUILD)/web/%.html $(BUILD)/web/%.policy: $(NPM)/fetched web/assemble.js $(filter-out web/built/%,$(wildcard web/*/*))
	node web/assemble.js web/$*/page.html $(NPM)/node_modules $(BUILD)/web/$*.html $(BUILD)/web/$*.policy
pages: $(PAGES)
web: pages
	cp $(PAGES) web/built/

# --- bench programs: plain, and linked with libhakmem ---
$(BUILD)/bench/%.o: bench/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Ibench -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free -c $< -o $@
$(BUILD)/bench/%-hakmem: $(BUILD)/bench/%.o $(BUILD)/libhakmem.a
	$(CC) $(CFLAGS) -o $@ $< -Wl,--whole-archive $(BUILD)/libhakmem.a -Wl,--no-whole-archive -lpthread
$(BUILD)/bench/%: $(BUILD)/bench/%.o
	$(CC) $(CFLAGS) -o $@ $< -lpthread
# It measures tracing, not an allocator.
$(BUILD)/bench/empty_hooks: bench/hooks/empty_hooks.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $< -lbpf
# What bench/allocators.sh needs besides workloads.
$(BUILD)/bench/suite/measure: bench/suite/measure.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $<
$(BUILD)/bench/suite/record.so: bench/suite/record.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fno-builtin -fPIC -shared -o $@ $< -lpthread

# The known culprit: a malloc with a flaw that a report has to name.
CULPRIT_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard bench/culprit/*.c))
$(BUILD)/bench/culprit/%.o: bench/culprit/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fno-builtin -fPIC -fvisibility=hidden -c $< -o $@
$(BUILD)/bench/libculprit.so: $(CULPRIT_OBJS)
	$(CC) $(CFLAGS) -shared -o $@ $^ -lpthread

# --- tests: cmocka programs, one a module; programs that the system tests trace ---
$(BUILD)/tests/unit/alloc/%: tests/unit/alloc/%.c $(BUILD)/libhakmem.a
	@mkdir -p $(@D)
	$(CC) $(ALLOC_CFLAGS) -o $@ $< -Wl,--whole-archive $(BUILD)/libhakmem.a -Wl,--no-whole-archive -lcmocka -lpthread
$(BUILD)/tests/unit/loader/%: tests/unit/loader/%.c $(LOADER_LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(LOADER_CFLAGS) -o $@ $< $(LOADER_LIBRARY) $(LOADER_LIBS) -lcmocka
# Pages of made-up snapshots.
$(BUILD)/tests/web/%: tests/web/%.c $(LOADER_LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(LOADER_CFLAGS) -o $@ $< $(LOADER_LIBRARY) $(LOADER_LIBS) -lcmocka
# libhakmem under other names (tested_malloc), beside a sanitizer's or libFuzzer's malloc: the tests' own objects call those,
# and of two malloc in a program neither knows the other's. tests/sanitize.inc makes these with a sanitizer's flags.
RENAMED := $(BUILD)/renamed
FUZZ_OBJS := $(patsubst %.c,$(RENAMED)/%.o,$(wildcard tests/fuzz/allocator/*.c))
$(RENAMED)/names: $(BUILD)/libhakmem.a
	@mkdir -p $(@D)
	nm -g --defined-only -P $< | awk 'NF > 1 && !seen[$$1]++ { print $$1, "tested_" $$1 }' >$@
$(RENAMED)/libhakmem.a: $(RENAMED)/names
	objcopy --redefine-syms=$< $(BUILD)/libhakmem.a $@
$(RENAMED)/tests/unit/alloc/%.o: tests/unit/alloc/%.c $(RENAMED)/names
	@mkdir -p $(@D)
	$(CC) $(ALLOC_CFLAGS) -c -o $@ $<
	objcopy --redefine-syms=$(RENAMED)/names $@
$(RENAMED)/tests/unit/alloc/%: $(RENAMED)/tests/unit/alloc/%.o $(RENAMED)/libhakmem.a
	$(CC) $(CFLAGS) -o $@ $< -Wl,--whole-archive $(RENAMED)/libhakmem.a -Wl,--no-whole-archive -lcmocka -lpthread
$(RENAMED)/tests/system/%: tests/system/%.c $(RENAMED)/names $(RENAMED)/libhakmem.a
	@mkdir -p $(@D)
	$(CC) $(TRUTH_CFLAGS) -c -o $@.o $<
	objcopy --redefine-syms=$(RENAMED)/names $@.o
	$(CC) $(CFLAGS) -o $@ $@.o -Wl,--whole-archive $(RENAMED)/libhakmem.a -Wl,--no-whole-archive -lpthread
$(RENAMED)/tests/fuzz/allocator/%.o: tests/fuzz/allocator/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(RENAMED)/faulty.a: $(RENAMED)/libhakmem.a
	objcopy --redefine-sym mmap=faulty_mmap --redefine-sym mremap=faulty_mremap --redefine-sym madvise=faulty_madvise \
		--redefine-sym mprotect=faulty_mprotect $< $@
$(RENAMED)/fuzz: $(FUZZ_OBJS) $(RENAMED)/faulty.a
	$(CC) $(CFLAGS) -o $@ $(FUZZ_OBJS) -Wl,--whole-archive $(RENAMED)/faulty.a -Wl,--no-whole-archive -lpthread
$(RENAMED)/fuzz-libfuzzer: $(FUZZ_OBJS) $(RENAMED)/faulty.a
	$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $(filter-out %/driver.o,$(FUZZ_OBJS)) -Wl,--whole-archive $(RENAMED)/faulty.a \
		-Wl,--no-whole-archive -lpthread
$(BUILD)/tests/fuzz/%: tests/fuzz/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $< -ldl -lpthread
# They are wrong, which compilers see; and nothing of it may be optimised away.
$(BUILD)/tests/misuse/%: tests/misuse/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -O0 -w -fno-builtin -o $@ $< -ldl -lpthread
$(BUILD)/tests/system/verifier_cost: tests/system/special/verifier_cost.c $(LOADER_LIBRARY) Makefile
	@mkdir -p $(@D)
	$(CC) $(LOADER_CFLAGS) -o $@ $< $(LOADER_LIBRARY) $(LOADER_LIBS)
$(BUILD)/tests/system/export_sample: tests/system/special/export_sample.c $(LOADER_LIBRARY) Makefile
	@mkdir -p $(@D)
	$(CC) $(LOADER_CFLAGS) -o $@ $< $(LOADER_LIBRARY) $(LOADER_LIBS) -lcmocka
# hakmem-trace with another way through it.
$(BUILD)/tests/system/trace_each: tests/system/special/trace_each.c $(LOADER_OBJS) Makefile
	@mkdir -p $(@D)
	$(CC) $(LOADER_CFLAGS) -pie -Wl,--wrap=command_run,--wrap=prepare_tracer,--wrap=links_close -o $@ $< $(LOADER_OBJS) $(LOADER_LIBS)
# libbpf's usdt.bpf.h includes a kernel header that lies in a folder of the machine's kind.
$(BUILD)/tests/system/probes.bpf.o: tests/system/special/probes.bpf.c Makefile
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -idirafter /usr/include/$(ARCH)-linux-gnu -c $< -o $@
$(BUILD)/tests/system/probes.skel.h: $(BUILD)/tests/system/probes.bpf.o
	$(BPFTOOL) gen skeleton $< name probes > $@.tmp
	mv $@.tmp $@
$(BUILD)/tests/system/probes: tests/system/special/probes.c $(BUILD)/tests/system/probes.skel.h Makefile
	$(CC) $(ALL_CFLAGS) -I$(BUILD)/tests/system -o $@ $< $(LOADER_LIBS)
$(BUILD)/tests/system/truth32: tests/system/special/truth32.c Makefile
	@mkdir -p $(@D)
	$(CC) -m32 -std=gnu17 -O2 -g $(WARNINGS) -ffreestanding -fno-stack-protector -nostdlib -static -fno-pie -o $@ $<
$(BUILD)/tests/system/%.so: tests/system/special/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fPIC -shared -fno-builtin -o $@ $<
$(BUILD)/tests/system/%: tests/system/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(TRUTH_CFLAGS) -o $@ $< -lpthread
$(BUILD)/tests/system/%-static: tests/system/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(TRUTH_CFLAGS) -static -o $@ $< -lpthread
$(BUILD)/tests/system/%-static-pie: tests/system/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(TRUTH_CFLAGS) -fPIE -static-pie -o $@ $< -lpthread
$(BUILD)/tests/system/%-musl: tests/system/%.c Makefile
	@mkdir -p $(@D)
	musl-gcc $(TRUTH_CFLAGS) -o $@ $< -lpthread
$(BUILD)/tests/system/%-musl-static: tests/system/%.c Makefile
	@mkdir -p $(@D)
	musl-gcc $(TRUTH_CFLAGS) -static -o $@ $< -lpthread

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include
	install -m 755 $(BUILD)/hakmem-trace $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(BUILD)/libhakmem.so $(DESTDIR)$(PREFIX)/lib/
	install -m 644 $(BUILD)/libhakmem.a $(DESTDIR)$(PREFIX)/lib/
	install -d $(DESTDIR)$(UNITDIR)
	for unit in serve assist; do \
		sed 's,@BINDIR@,$(PREFIX)/bin,' scripts/hakmem-trace-$$unit.service.in >$(DESTDIR)$(UNITDIR)/hakmem-trace-$$unit.service; \
		chmod 644 $(DESTDIR)$(UNITDIR)/hakmem-trace-$$unit.service; \
	done
	install -m 644 include/hakmem.h include/hakmem_map.h include/hakmem_mark.h include/hakmem_probe.h $(DESTDIR)$(PREFIX)/include/

format:
	clang-format -i $$(git ls-files '*.c' '*.h' ':!vmlinux')
clean:
	rm -rf $(BUILD)

.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
