// SPDX-License-Identifier: MIT
#include "stats.h"
void stats_print(void)
{
}
