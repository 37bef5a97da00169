/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo - see the header.
 *
 * Invariant: every sample was added after the tone and under the lease.
 */
#include "listen/memo.h"

#include <stdbool.h>
#include <string.h>

#include "base/must.h"
#include "listen/locked.h"

struct memo {
	const struct lease *lease; /* NULL once finished */
	bool tone_played;
	size_t count;
	int16_t samples[MEMO_SAMPLES_MAX];
};

enum err memo_create(const struct lease *lease, int64_t now_ms, struct memo **out_memo)
{
	void *memory = NULL;
	struct memo *made = NULL;
	enum err err = OK;

	if (lease_is_over(lease, now_ms) || lease_reason_of(lease) != LEASE_MEMO)
		return ERR_DENIED;
	err = locked_take(sizeof(*made), &memory);
	if (err)
		return err;
	made = memory;
	made->lease = lease;
	*out_memo = made;
	return OK;
}

void memo_destroy(struct memo *memo)
{
	locked_free(memo, sizeof(*memo));
}

void memo_tone_was_played(struct memo *memo)
{
	must(memo->count == 0);
	memo->tone_played = true;
}

enum err memo_add(struct memo *memo, const struct audio_frame *frame, int64_t now_ms)
{
	if (!memo->tone_played)
		return ERR_DENIED;
	if (!memo->lease || lease_is_over(memo->lease, now_ms))
		return ERR_CLOSED;
	if (memo->count + AUDIO_FRAME_SAMPLES > MEMO_SAMPLES_MAX)
		return ERR_LIMIT;
	memcpy(memo->samples + memo->count, frame->samples, sizeof(frame->samples));
	memo->count += AUDIO_FRAME_SAMPLES;
	return OK;
}

void memo_cut(struct memo *memo, size_t samples)
{
	const size_t cut = samples < memo->count ? samples : memo->count;

	memo->count -= cut;
	explicit_bzero(memo->samples + memo->count, cut * sizeof(*memo->samples));
}

void memo_finish(struct memo *memo)
{
	memo->lease = NULL;
}

struct audio_span memo_sound(const struct memo *memo)
{
	return (struct audio_span){memo->samples, memo->count};
}
