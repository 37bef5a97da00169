/* SPDX-License-Identifier: Apache-2.0 */
/*
 * understanding - what understand/ answers: an intent, or an honest reason.
 */
#ifndef DOMAIN_UNDERSTANDING_H
#define DOMAIN_UNDERSTANDING_H

#include "domain/intent.h"
#include "domain/reason.h"
#include "domain/saying.h"

enum { UNDERSTANDING_RESPONSE_BYTES = 64 };

struct understanding {
	struct intent intent; /* name "" unless reason is NONE or AMBIGUOUS */
	enum reason reason;   /* NONE, NO_MATCH, UNEXPLAINED_WORDS, AMBIGUOUS */
	bool leans;           /* on what was done or asked before (understand/follow.h) */
	double confidence;    /* 1 exact, less for a frame or a question, 0 nothing */
	struct saying asks;   /* the question back; silence when none */
	/* the response key of the sentence; "" none */
	char response[UNDERSTANDING_RESPONSE_BYTES];
};

#endif
