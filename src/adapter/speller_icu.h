/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speller_icu - how a language speaks its numbers, by the spell-out rules of ICU
 * (Unicode CLDR): cardinal numbers in each gender and style that the language has.
 *
 * English is not among them: understand/ speaks it itself, in more ways.
 */
#ifndef ADAPTER_SPELLER_ICU_H
#define ADAPTER_SPELLER_ICU_H

#include "base/err.h"
#include "understand/understand.h"

/* language: as a sentence file names it ("de", "pt-BR"). ERR_UNSUPPORTED: ICU has no rules
 * of its own for it. The caller, or who it is given to, closes it. One thread at a time. */
MUST_CHECK enum err speller_icu_create(const char *language, struct speller *out_speller);

#endif
