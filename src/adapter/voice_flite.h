/* SPDX-License-Identifier: Apache-2.0 */
/*
 * voice_flite - the voice port on flite's "slt", linked in.
 *
 * About 0.3 s of work for a sentence of 13 words on one core. Speaks English. Letters
 * beyond ASCII are spoken as their plain form (é as e) or left out; control characters
 * are left out.
 */
#ifndef ADAPTER_VOICE_FLITE_H
#define ADAPTER_VOICE_FLITE_H

#include "port/voice.h"

MUST_CHECK enum err voice_flite_create(struct voice *out_voice);

#endif
