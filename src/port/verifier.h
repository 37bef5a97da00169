/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verifier - a second opinion on a name that the wake detector thinks it heard.
 *
 * Given the newest sound, at most VERIFIER_MS_MAX of it, the adapter looks for the name in
 * it and says how much better the name explains its frames than anything else that could
 * be said. Asked seldom, so it may take tens of milliseconds; it keeps no sound. One
 * thread.
 */
#ifndef PORT_VERIFIER_H
#define PORT_VERIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/audio.h"

enum { VERIFIER_MS_MAX = 2000 };

struct verifier_report {
	bool found;       /* the name can be laid over some of the sound at all */
	double ratio;     /* per 10 ms frame of the name: its log-likelihood against free
			   * phones, the adapter's own scale; 0 is as good, less is worse */
	uint32_t name_ms; /* how long the name took */
	uint32_t back_ms; /* from its first sound to the end of what was given */
	bool passed;      /* found, and ratio >= the adapter's floor for that doubt */
};

struct verifier_ops {
	/* sound is borrowed for the call; longer than the limit: only its end counts.
	 * doubt: the detector's, 0..1; the more it has, the more it takes. */
	void (*verify)(void *self, struct audio_span sound, double doubt,
		       struct verifier_report *out_report);
	void (*close)(void *self);
};

struct verifier {
	const struct verifier_ops *ops;
	void *self;
};

static inline void verifier_verify(struct verifier *verifier, struct audio_span sound,
				   double doubt, struct verifier_report *out_report)
{
	verifier->ops->verify(verifier->self, sound, doubt, out_report);
}

static inline void verifier_close(struct verifier *verifier)
{
	if (verifier->ops)
		verifier->ops->close(verifier->self);
	verifier->ops = 0;
}

#endif
