/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wake_second - see the header. What listen/listen.c does with a doubtful candidate, for
 * commands that count what a detector does.
 */
#include "cli/wake_second.h"

#include <stdlib.h>

#include "adapter/verifier_pocketsphinx.h"
#include "listen/activity.h"
#include "listen/ring.h"
#include "listen/verify.h"

struct wake_second {
	struct verifier verifier;
	struct verify *verify;
	struct ring *ring;
	struct activity activity;
};

enum err wake_second_create(const char *word, struct wake_second **out_second,
			    struct err_note *note)
{
	const struct verifier_pocketsphinx_settings settings = {.word = word};
	struct wake_second *made = calloc(1, sizeof(*made));
	enum err err = ERR_MEMORY;

	if (!made)
		return err;
	err = verifier_pocketsphinx_open(&settings, &made->verifier, note);
	if (!err)
		err = verify_create(&made->verifier, &made->verify);
	if (!err)
		err = ring_create(&made->ring);
	if (err) {
		wake_second_destroy(made);
		return err;
	}
	activity_init(&made->activity);
	*out_second = made;
	return OK;
}

void wake_second_destroy(struct wake_second *second)
{
	if (!second)
		return;
	verify_destroy(second->verify);
	verifier_close(&second->verifier);
	ring_destroy(second->ring);
	free(second);
}

void wake_second_reset(struct wake_second *second)
{
	ring_wipe(second->ring);
	activity_init(&second->activity);
}

void wake_second_feed(struct wake_second *second, const struct audio_frame *frame)
{
	activity_feed(&second->activity, frame);
	ring_add(second->ring, frame);
}

bool wake_second_passes(struct wake_second *second, const struct wake_report *report,
			double *out_ratio)
{
	struct verify_report verified;

	verify_candidate(second->verify, second->ring, report, second->activity.floor,
			 &verified);
	*out_ratio = verified.ratio;
	return verified.passed;
}
