/* SPDX-License-Identifier: MIT */
/* Deletes an object as one of another size, which C++ does when a class has no virtual destructor.
 * default: goes unseen
 * hardened: hakmem: operator delete(): wrong size 90 for ADDRESS, a block of 100 bytes
 */
#include <dlfcn.h>
#include <stdlib.h>

int main(void)
{
	void (*delete_sized)(void *, size_t) = (void (*)(void *, size_t))dlsym(RTLD_DEFAULT, "_ZdlPvm");

	delete_sized(malloc(100), 90);
	return 0;
}
