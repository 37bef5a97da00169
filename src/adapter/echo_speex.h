/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo_speex - the echo port with the multidelay block filter of speexdsp.
 *
 * Its linear part only: no suppressor that would eat what people say.
 */
#ifndef ADAPTER_ECHO_SPEEX_H
#define ADAPTER_ECHO_SPEEX_H

#include "base/err.h"
#include "port/echo.h"

/* ERR_MEMORY. */
MUST_CHECK enum err echo_speex_create(struct echo *out_echo);

#endif
