/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_system - the machine's clocks behind port/clock.h. Any thread.
 */
#ifndef ADAPTER_CLOCK_SYSTEM_H
#define ADAPTER_CLOCK_SYSTEM_H

#include "port/clock.h"

struct clock clock_system(void);

#endif
