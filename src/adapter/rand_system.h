/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rand_system - the kernel's random bytes behind port/rand.h. Any thread.
 */
#ifndef ADAPTER_RAND_SYSTEM_H
#define ADAPTER_RAND_SYSTEM_H

#include "port/rand.h"

struct rand rand_system(void);

#endif
