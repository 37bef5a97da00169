/* SPDX-License-Identifier: Apache-2.0 */
/*
 * box_limits - what a skill may use of the machine, beside the memory that its manifest
 * names.
 */
#ifndef SKILLS_BOX_LIMITS_H
#define SKILLS_BOX_LIMITS_H

enum {
	BOX_CPU_S = 30, /* of its whole life */
	BOX_FILES_MAX = 32,
	BOX_STACK_BYTES = 8 << 20,
	BOX_MEGABYTES_MAX = 4096,
	BOX_NICE = 10, /* whoever listens and speaks goes before */
	BOX_EXIT_NOT_SHUT = 121,
};

#define BOX_TRY "--try"

#endif
