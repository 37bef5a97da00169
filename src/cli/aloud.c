/* SPDX-License-Identifier: Apache-2.0 */
/* aloud - see the header. Invariant: exactly one of speaker and file is open. */
#include "cli/aloud.h"

#include <time.h>

#include "adapter/settings_file.h"
#include "adapter/speaker_alsa.h"
#include "base/str.h"

enum {
	PLAY_POLL_MS = 20,
	PIECE_SAMPLES = SPEAKER_ALSA_SECONDS_MAX * AUDIO_HZ, /* a message may be longer */
};

static enum err open_speaker(const struct paths *paths, struct speaker *out_speaker,
			     struct err_note *note)
{
	struct settings settings;
	enum err err = settings_file_read(paths->config, false, &settings, note);

	if (!err && !str_equal(settings.room_speaker, "alsa"))
		return err_say(
			ERR_MISSING, note,
			"this room has no speaker (speaker = %s); give --out FILE.wav",
			settings.room_speaker);
	if (!err)
		err = speaker_alsa_try(settings.room_speaker_device, note);
	if (!err)
		err = speaker_alsa_create(settings.room_speaker_device, out_speaker);
	if (!err)
		speaker_set_volume(out_speaker, (int)settings.room_volume_percent);
	return err;
}

enum err aloud_open(const struct paths *paths, const char *out_path,
		    struct aloud *out_aloud, struct err_note *note)
{
	struct aloud aloud = {.writer = NULL};
	const enum err err = out_path ? audio_writer_open(out_path, &aloud.writer, note)
				      : open_speaker(paths, &aloud.speaker, note);

	if (!err)
		*out_aloud = aloud;
	return err;
}

static enum err play_piece(struct speaker *speaker, struct audio_span piece)
{
	/* The keeper journals that the owner listened; there is no turn behind this sound. */
	static const struct event_id parent = {1};
	static const struct timespec pause = {.tv_nsec = PLAY_POLL_MS * 1000000L};
	struct speaker_played played = {.finished = false};
	enum err err = speaker_play(speaker, piece, parent);

	while (!err && !played.finished) {
		err = speaker_poll(speaker, &played);
		if (!err && !played.finished)
			nanosleep(&pause, NULL);
	}
	speaker_stop(speaker);
	return err;
}

static enum err play_out(struct speaker *speaker, struct audio_span sound)
{
	enum err err = OK;

	for (size_t at = 0; !err && at < sound.count; at += PIECE_SAMPLES) {
		const size_t left = sound.count - at;

		err = play_piece(speaker, (struct audio_span){sound.samples + at,
							      left < PIECE_SAMPLES
								      ? left
								      : PIECE_SAMPLES});
	}
	return err;
}

enum err aloud_play(struct aloud *aloud, struct audio_span sound, struct err_note *note)
{
	return aloud->writer ? audio_writer_add(aloud->writer, sound, note)
			     : play_out(&aloud->speaker, sound);
}

enum err aloud_close(struct aloud *aloud, struct err_note *note)
{
	const enum err err = audio_writer_close(aloud->writer);

	aloud->writer = NULL;
	speaker_close(&aloud->speaker);
	return err ? err_say(err, note, "the file cannot be written to its end") : OK;
}
