/* SPDX-License-Identifier: Apache-2.0 */
/* kernel_sse2 - not yet. */
#include "listen/kernel_inner.h"

const struct kernels *kernel_sse2(void)
{
	return NULL;
}
