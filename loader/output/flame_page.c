// SPDX-License-Identifier: MIT
/* The page that the build makes of web/flame (Makefile), as it is. See flame.h. */
#include "output/flame.h"

__asm__(".pushsection .rodata\n"
        ".global flame_page\n"
        ".type flame_page, %object\n"
        "flame_page:\n"
        ".incbin \"" FLAME_PAGE "\"\n"
        ".byte 0\n"
        ".size flame_page, . - flame_page\n"
        ".popsection\n");
