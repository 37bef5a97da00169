/* SPDX-License-Identifier: Apache-2.0 */
/*
 * erasure - which recordings an owner wants destroyed. Numbers travel; for ever.
 */
#ifndef DOMAIN_ERASURE_H
#define DOMAIN_ERASURE_H

enum erasure_what {
	ERASURE_RECORD = 1, /* one, by its id */
	ERASURE_RANGE = 2,  /* of a time, in one room or in all */
	ERASURE_ALL = 3,    /* everything of the owner, by the end of its key */
};

#endif
