/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel_inner - the sets themselves; NULL where this build or machine cannot.
 */
#ifndef LISTEN_KERNEL_INNER_H
#define LISTEN_KERNEL_INNER_H

#include "listen/kernel.h"

const struct kernels *kernel_avx512(void);
const struct kernels *kernel_avx2(void);
const struct kernels *kernel_four(void); /* "sse2" or "neon" */
const struct kernels *kernel_scalar(void);

#endif
