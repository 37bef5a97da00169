/* SPDX-License-Identifier: Apache-2.0 */
/* aloud - see the header. */
#include "cli/aloud.h"

#include <time.h>

#include "adapter/audio_file.h"
#include "adapter/settings_file.h"
#include "adapter/speaker_alsa.h"
#include "base/str.h"
#include "port/speaker.h"

enum { PLAY_POLL_MS = 20 };

static enum err play_out(struct speaker *speaker, struct audio_span span)
{
	/* The keeper journals that the owner listened; there is no turn behind this sound. */
	static const struct event_id parent = {1};
	static const struct timespec pause = {.tv_nsec = PLAY_POLL_MS * 1000000L};
	struct speaker_played played = {.finished = false};
	enum err err = speaker_play(speaker, span, parent);

	while (!err && !played.finished) {
		err = speaker_poll(speaker, &played);
		if (!err && !played.finished)
			nanosleep(&pause, NULL);
	}
	speaker_stop(speaker);
	return err;
}

static enum err through_speaker(const struct paths *paths, struct audio_span span,
				struct err_note *note)
{
	struct speaker speaker = {0};
	struct settings settings;
	enum err err = settings_file_read(paths->config, false, &settings, note);
	bool alsa = !err && str_equal(settings.room_speaker, "alsa");

	if (!err && !alsa)
		return err_say(
			ERR_MISSING, note,
			"this room has no speaker (speaker = %s); give --out FILE.wav",
			settings.room_speaker);
	if (!err)
		err = speaker_alsa_try(settings.room_speaker_device, note);
	if (!err)
		err = speaker_alsa_create(settings.room_speaker_device, &speaker);
	if (!err) {
		speaker_set_volume(&speaker, (int)settings.room_volume_percent);
		err = play_out(&speaker, span);
	}
	speaker_close(&speaker);
	return err;
}

enum err aloud_play(const struct paths *paths, struct audio_span sound,
		    const char *out_path, struct err_note *note)
{
	return out_path ? audio_file_write(out_path, sound, note)
			: through_speaker(paths, sound, note);
}
