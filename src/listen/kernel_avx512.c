/* SPDX-License-Identifier: Apache-2.0 */
/* kernel_avx512 - not yet. */
#include "listen/kernel_inner.h"

const struct kernels *kernel_avx512(void)
{
	return NULL;
}
