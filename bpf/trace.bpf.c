// SPDX-License-Identifier: (MIT OR GPL-2.0)
/*
 * All BPF programs of hakmem-trace, one object so that they share their maps. The way of a fault through it:
 *   rung_*.h (hook) -> task.h (settle) -> classify.h (whose address) -> account.h
 * with table.h (who requested each page) kept true by calls.h and lifecycle.h. The loader picks which programs to load.
 */
#include "common.h"
#include "lifecycle.h"
#include "alloc_site.h"
#include "ask.h"
#include "attach.h"
#include "fault_event.h"
#include "mark.h"
#include "rung_tracepoint.h"
#include "rung_full.h"
#include "rung_exact.h"
#include "rung_kprobe.h"
#include "rung_breakpoint.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";
