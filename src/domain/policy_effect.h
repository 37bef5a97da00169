/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_effect - does a change of the policy loosen what held, or tighten it?
 *
 * Compares the whole policy before and after, so that no way to change it has to say what
 * it does. What is not known to tighten loosens: a new name, key or address, and every
 * field that nobody has listed as anything else. Pure.
 */
#ifndef DOMAIN_POLICY_EFFECT_H
#define DOMAIN_POLICY_EFFECT_H

#include "domain/policy.h"

enum policy_effect {
	POLICY_SAME,
	POLICY_TIGHTENS,
	POLICY_LOOSENS,
};

/* The worst of all that differs, and in out_words the first of that kind: "the kitchen may
 * send messages out of the house". Names rooms and numbers, never people. */
enum policy_effect policy_effect(const struct policy *before, const struct policy *after,
				 char out_words[POLICY_CHANGE_BYTES]);
/* "loosens"; "tightens"; "same". */
const char *policy_effect_text(enum policy_effect effect);

#endif
