/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local - the house's own time (TZ), as domain/book_time.h wants it.
 */
#ifndef ACT_LOCAL_H
#define ACT_LOCAL_H

#include "domain/book_time.h"

/* Good for ever; it follows tzset(). */
struct book_zone act_zone(void);

#endif
