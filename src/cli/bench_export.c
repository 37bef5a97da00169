/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The archive of 1,700 recordings of 12 KB, out of a real keeper, against plain tar of the
 * same files on the same disk: both to a file that is on the disk when they end.
 */
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/zip_archive.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/bench.h"
#include "cli/bench_keeper.h"
#include "cli/export_archive.h"
#include "cli/export_target.h"
#include "cli/keeper_alone.h"

extern char **environ;

enum {
	RECORDINGS = 1700,
	SAMPLES = 6000, /* 12 KB */
	ROUNDS = 5,
	PIECE_BYTES = 64 * 1024,
	MS_PER_S = 1000,
	PERCENT = 100,
};

static enum err record(struct keeper_alone *keeper, struct err_note *note)
{
	int16_t samples[SAMPLES];
	const struct keeper_alone_recording recording = {
		.room = "victor",
		.words = "turn on the kitchen light",
		.sound = {samples, SAMPLES},
	};
	enum err err = keeper_alone_add_owner(keeper, "victor", note);

	for (size_t i = 0; i < SAMPLES; i++)
		samples[i] = (int16_t)(i * 7919 % 4001 - 2000);
	return err ? err : keeper_alone_record(keeper, &recording, RECORDINGS, note);
}

/* One export; *out_ms until it is on the disk under its name. */
static enum err export_once(struct keeper_alone *keeper, const char *path,
			    struct export_made *out_made, double *out_ms,
			    struct err_note *note)
{
	const struct export_request request = {.by_room = true};
	struct export_target target = {.fd = -1};
	struct link_client *client = NULL;
	enum err err = keeper_alone_sign_in(keeper, "victor", &client, note);
	const double begun = bench_keeper_now();

	if (!err)
		err = export_target_open(path, &target, note);
	if (!err)
		err = export_archive_write(client, &request, &target.sink, out_made,
					   note);
	if (!err)
		err = export_target_commit(&target);
	*out_ms = (bench_keeper_now() - begun) * MS_PER_S;
	export_target_close(&target);
	link_client_close(client);
	return err;
}

/* --- the same files --------------------------------------------------------------------- */

static enum err make_folders(const char *path, struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	char *slash;

	must(str_copy(folder, sizeof(folder), path));
	slash = strrchr(folder, '/');
	if (!slash)
		return OK;
	*slash = '\0';
	return file_make_folder(folder, note);
}

static enum err unpack_one(struct zip_reader *reader, const char *path,
			   struct err_note *note)
{
	uint8_t *bytes = malloc(PIECE_BYTES);
	FILE *file = NULL;
	size_t size = 1;
	enum err err = bytes ? make_folders(path, note) : ERR_MEMORY;

	if (!err)
		file = fopen(path, "wbe");
	if (!err && !file)
		err = err_say(ERR_IO, note, "%s: cannot be made", path);
	while (!err && size > 0) {
		err = zip_reader_read(reader, bytes, PIECE_BYTES, &size, note);
		if (!err && fwrite(bytes, 1, size, file) != size)
			err = err_say(ERR_IO, note, "%s: cannot be written", path);
	}
	if (file && fclose(file) != 0 && !err)
		err = err_say(ERR_IO, note, "%s: cannot be written", path);
	free(bytes);
	return err;
}

/* All of it, or only the sound. */
static enum err unpack(const char *archive, const char *folder, bool sound,
		       struct err_note *note)
{
	struct zip_reader *reader = NULL;
	char name[ZIP_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	enum err err = zip_reader_open(archive, &reader, note);

	while (!err && !(err = zip_reader_next(reader, name, note))) {
		if (sound && !str_ends(name, ".wav"))
			continue;
		must(file_join(path, sizeof(path), folder, name));
		err = unpack_one(reader, path, note);
	}
	zip_reader_close(reader);
	return err == ERR_MISSING ? OK : err;
}

static enum err run_tar(const char *folder, const char *to, struct err_note *note)
{
	char program[] = "tar";
	char make[] = "-cf";
	char in[] = "-C";
	char all[] = ".";
	char file[FILE_PATH_BYTES];
	char from[FILE_PATH_BYTES];
	char *words[] = {program, make, file, in, from, all, NULL};
	int status = -1;
	pid_t pid = 0;

	must(str_copy(file, sizeof(file), to) && str_copy(from, sizeof(from), folder));
	if (posix_spawnp(&pid, program, NULL, NULL, words, environ) != 0)
		return err_say(ERR_MISSING, note, "tar is not installed");
	if (waitpid(pid, &status, 0) != pid || status != 0)
		return err_say(ERR_IO, note, "tar failed");
	return OK;
}

static enum err tar_once(const char *folder, const char *to, double *out_ms,
			 struct err_note *note)
{
	const double begun = bench_keeper_now();
	enum err err = run_tar(folder, to, note);
	int fd = err ? -1 : open(to, O_RDONLY | O_CLOEXEC);

	if (!err && (fd < 0 || fsync(fd) != 0))
		err = err_say(ERR_IO, note, "%s: cannot be written", to);
	*out_ms = (bench_keeper_now() - begun) * MS_PER_S;
	if (fd >= 0)
		(void)close(fd);
	(void)unlink(to);
	return err;
}

/* --- all of it -------------------------------------------------------------------------- */

struct times {
	double export[ROUNDS];
	double first_byte[ROUNDS];
	double tar_all[ROUNDS];
	double tar_sound[ROUNDS];
	struct export_made made;
};

static enum err measure(struct keeper_alone *keeper, struct times *times,
			struct err_note *note)
{
	char zip[FILE_PATH_BYTES];
	char tar[FILE_PATH_BYTES];
	char all[FILE_PATH_BYTES];
	char sound[FILE_PATH_BYTES];
	enum err err = OK;

	must(file_join(zip, sizeof(zip), keeper->folder, "archive.zip") &&
	     file_join(tar, sizeof(tar), keeper->folder, "archive.tar") &&
	     file_join(all, sizeof(all), keeper->folder, "all") &&
	     file_join(sound, sizeof(sound), keeper->folder, "sound"));
	/* In turns, so that both meet the same disk. */
	for (size_t i = 0; !err && i < ROUNDS; i++) {
		(void)unlink(zip);
		err = export_once(keeper, zip, &times->made, &times->export[i], note);
		times->first_byte[i] = (double)times->made.first_byte_ms;
		if (!err && i == 0)
			err = unpack(zip, all, false, note);
		if (!err && i == 0)
			err = unpack(zip, sound, true, note);
		if (!err)
			err = tar_once(all, tar, &times->tar_all[i], note);
		if (!err)
			err = tar_once(sound, tar, &times->tar_sound[i], note);
	}
	return err;
}

static enum err run(struct bench_run *run, struct err_note *note)
{
	struct keeper_alone keeper;
	struct times times = {.export = {0}};
	enum err err = keeper_alone_open(&keeper, NULL, true, note);
	double export_ms;
	double all_ms;

	if (!err)
		err = record(&keeper, note);
	if (!err)
		err = measure(&keeper, &times, note);
	keeper_alone_close(&keeper);
	if (err)
		return err;
	export_ms = bench_percentile(times.export, ROUNDS, 50);
	all_ms = bench_percentile(times.tar_all, ROUNDS, 50);
	bench_add(run, "recordings", times.made.recordings, 0, "of 12 KB each");
	bench_add(run, "archive_mb", (double)times.made.bytes / 1e6, 1, "");
	bench_add(run, "export_ms", export_ms, 1, "median of 5, to the disk");
	bench_add(run, "tar_ms", all_ms, 1, "the archive's files, to the disk");
	bench_add(run, "tar_sound_ms", bench_percentile(times.tar_sound, ROUNDS, 50), 1,
		  "the WAV files alone");
	bench_add(run, "export_of_tar_percent", all_ms / export_ms * PERCENT, 0,
		  "at least 50 asked for");
	bench_add(run, "first_byte_ms", bench_percentile(times.first_byte, ROUNDS, 50), 0,
		  "at most 100 asked for");
	return OK;
}

const struct bench bench_export = {
	.name = "export",
	.summary = "an archive of 1,700 recordings, against plain tar",
	.run = run,
};
