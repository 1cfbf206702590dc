// SPDX-License-Identifier: MIT
/* The formats of misses, by name. */
#include "output/misses_output.h"

const struct misses_output misses_outputs[] = {
    {"table", misses_table},
    {"json", misses_json},
    {"csv", misses_csv},
    {NULL, NULL},
};
