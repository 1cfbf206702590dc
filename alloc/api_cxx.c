// SPDX-License-Identifier: MIT
/*
 * api_cxx: the C++ operators new and delete under their mangled names, so that they take the fast paths directly. The
 * C++ run-time is referred to weakly: a C program has none, and then none of its failures to report, unless a library
 * that it opens brings one along.
 */
#include "api.h"

#include <dlfcn.h>

#include "misuse.h"

typedef void (*new_handler)(void);
typedef size_t align_value;

/* std::get_new_handler(), std::__throw_bad_alloc() of libstdc++ */
#define GET_NEW_HANDLER "_ZSt15get_new_handlerv"
#define THROW_BAD_ALLOC "_ZSt17__throw_bad_allocv"
new_handler get_new_handler(void) __asm__(GET_NEW_HANDLER) __attribute__((weak));
void throw_bad_alloc(void) __asm__(THROW_BAD_ALLOC) __attribute__((weak));
#pragma weak dlsym /* a statically linked program need not have it */

/* A function of the C++ run-time if that came with a library that a C program opened: it is then in nobody else's
 * scope. dlopen is looked up, because naming it makes every static link warn. */
static void *opened_later(const char *name)
{
	void *(*open)(const char *, int) = NULL;
	void *library = NULL;

	if (dlsym != NULL)
		open = (void *(*)(const char *, int))dlsym(RTLD_DEFAULT, "dlopen");
	if (open != NULL)
		library = open("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
	return library != NULL ? dlsym(library, name) : NULL;
}

static new_handler current_handler(void)
{
	new_handler (*get)(void) = get_new_handler;

	if (get == NULL)
		get = (new_handler(*)(void))opened_later(GET_NEW_HANDLER);
	return get != NULL ? get() : NULL;
}

static _Noreturn void throw(void)
{
	void (*function)(void) = throw_bad_alloc;

	if (function == NULL)
		function = (void (*)(void))opened_later(THROW_BAD_ALLOC);
	if (function != NULL)
		function();
	misuse_fatal("operator new: out of memory, and no C++ run-time to throw std::bad_alloc");
}

/* As the standard says: call the handler, if there is one, and try again; it makes room, throws, or ends the program.
 */
static NOINLINE void *new_after_failure(size_t alignment, size_t size)
{
	for (;;) {
		new_handler handler = current_handler();
		void *block;

		if (handler == NULL)
			throw();
		handler();
		block = gate_allocate_aligned(alignment, size);
		if (block != NULL)
			return block;
	}
}

/* The nothrow forms end in NULL; the handler is called all the same, and an exception from it passes through, which
 * ends the program as from any noexcept function. */
static NOINLINE void *new_nothrow_after_failure(size_t alignment, size_t size)
{
	for (;;) {
		new_handler handler = current_handler();
		void *block;

		if (handler == NULL)
			return NULL;
		handler();
		block = gate_allocate_aligned(alignment, size);
		if (block != NULL)
			return block;
	}
}

static inline void *new_plain(size_t size)
{
	void *block = fast_allocate(size);

	return LIKELY(block != NULL) ? block : new_after_failure(BLOCK_ALIGNMENT, size);
}

static inline void *new_plain_nothrow(size_t size)
{
	void *block = fast_allocate(size);

	return LIKELY(block != NULL) ? block : new_nothrow_after_failure(BLOCK_ALIGNMENT, size);
}

static inline void *new_aligned(size_t size, align_value alignment)
{
	void *block = gate_allocate_aligned(alignment, size);

	return LIKELY(block != NULL) ? block : new_after_failure(alignment, size);
}

static inline void *new_aligned_nothrow(size_t size, align_value alignment)
{
	void *block = gate_allocate_aligned(alignment, size);

	return LIKELY(block != NULL) ? block : new_nothrow_after_failure(alignment, size);
}

#define OPERATOR(result, function, mangled, ...)                                                                       \
	result function(__VA_ARGS__) __asm__(mangled);                                                                 \
	EXPORT result function(__VA_ARGS__)

OPERATOR(void *, operator_new, "_Znwm", size_t size)
{
	return new_plain(size);
}
OPERATOR(void *, operator_new_array, "_Znam", size_t size)
{
	return new_plain(size);
}
OPERATOR(void *, operator_new_nothrow, "_ZnwmRKSt9nothrow_t", size_t size, const void *nothrow)
{
	(void)nothrow;
	return new_plain_nothrow(size);
}
OPERATOR(void *, operator_new_array_nothrow, "_ZnamRKSt9nothrow_t", size_t size, const void *nothrow)
{
	(void)nothrow;
	return new_plain_nothrow(size);
}
OPERATOR(void *, operator_new_aligned, "_ZnwmSt11align_val_t", size_t size, align_value alignment)
{
	return new_aligned(size, alignment);
}
OPERATOR(void *, operator_new_array_aligned, "_ZnamSt11align_val_t", size_t size, align_value alignment)
{
	return new_aligned(size, alignment);
}
OPERATOR(void *, operator_new_aligned_nothrow, "_ZnwmSt11align_val_tRKSt9nothrow_t", size_t size, align_value alignment,
    const void *nothrow)
{
	(void)nothrow;
	return new_aligned_nothrow(size, alignment);
}
OPERATOR(void *, operator_new_array_aligned_nothrow, "_ZnamSt11align_val_tRKSt9nothrow_t", size_t size,
    align_value alignment, const void *nothrow)
{
	(void)nothrow;
	return new_aligned_nothrow(size, alignment);
}

/* All forms of delete are free(): what a block's size and alignment are is known from its address. Only hardened mode
 * looks at what the program believes. */
#define DELETE(function, mangled, ...)                                                                                 \
	OPERATOR(void, function, mangled, void *pointer, ##__VA_ARGS__)                                                \
	{                                                                                                              \
		fast_free(pointer);                                                                                    \
	}
#define DELETE_GIVEN(function, mangled, size, alignment, ...)                                                          \
	OPERATOR(void, function, mangled, void *pointer, ##__VA_ARGS__)                                                \
	{                                                                                                              \
		fast_free_given("operator delete", pointer, size, alignment);                                          \
	}
#define UNUSED __attribute__((unused))

DELETE(operator_delete, "_ZdlPv")
DELETE(operator_delete_array, "_ZdaPv")
DELETE_GIVEN(operator_delete_sized, "_ZdlPvm", size, 0, size_t size)
DELETE_GIVEN(operator_delete_array_sized, "_ZdaPvm", size, 0, size_t size)
DELETE(operator_delete_nothrow, "_ZdlPvRKSt9nothrow_t", const void *nothrow UNUSED)
DELETE(operator_delete_array_nothrow, "_ZdaPvRKSt9nothrow_t", const void *nothrow UNUSED)
DELETE(operator_delete_aligned, "_ZdlPvSt11align_val_t", align_value alignment UNUSED)
DELETE(operator_delete_array_aligned, "_ZdaPvSt11align_val_t", align_value alignment UNUSED)
DELETE_GIVEN(
    operator_delete_sized_aligned, "_ZdlPvmSt11align_val_t", size, alignment, size_t size, align_value alignment)
DELETE_GIVEN(
    operator_delete_array_sized_aligned, "_ZdaPvmSt11align_val_t", size, alignment, size_t size, align_value alignment)
DELETE(operator_delete_aligned_nothrow, "_ZdlPvSt11align_val_tRKSt9nothrow_t", align_value alignment UNUSED,
    const void *nothrow UNUSED)
DELETE(operator_delete_array_aligned_nothrow, "_ZdaPvSt11align_val_tRKSt9nothrow_t", align_value alignment UNUSED,
    const void *nothrow UNUSED)
