/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_archive - see the header. What was taken is told to the keeper, which sends no more
 * than it may: neither side ever holds much of it.
 */
#include "cli/export_archive.h"

#include <inttypes.h>

#include "adapter/zip_archive.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/export_stream.h"
#include "cli/progress.h"

enum {
	WAIT_MS = 10 * 60 * 1000, /* all of it is opened once before the first answer */
	ACKNOWLEDGE_BYTES = 256 * 1024,
};

struct making {
	struct link_client *client;
	const struct sink *target;
	struct export_made made;
	int64_t begun_ms;
	struct sink counted; /* in front of the target */
	struct sink locked;  /* in front of age */
	struct age_writer *age;
	struct zip_writer *zip;
	struct export_stream stream;
	struct progress progress;
	uint64_t expected; /* bytes of sound */
	uint64_t taken;
	uint32_t unacknowledged;
};

static enum err count_bytes(void *context, const void *bytes, size_t size)
{
	struct making *making = context;

	if (making->made.bytes == 0)
		making->made.first_byte_ms = loop_now_ms() - making->begun_ms;
	making->made.bytes += size;
	return sink_write(making->target, bytes, size);
}

static enum err lock_bytes(void *context, const void *bytes, size_t size)
{
	struct making *making = context;

	return age_writer_add(making->age, bytes, size);
}

static enum err open_file(void *context, const char *path, int64_t at_ms, uint64_t size)
{
	struct making *making = context;

	return zip_writer_open_file(making->zip, path, at_ms,
				    size == EXPORT_STREAM_SIZE_UNKNOWN ? ZIP_SIZE_UNKNOWN
								       : size);
}

static enum err add_bytes(void *context, const void *bytes, size_t size)
{
	struct making *making = context;

	return zip_writer_add(making->zip, bytes, size);
}

/* The first byte of the archive leaves here at the earliest. */
static enum err begin(struct making *making, const struct export_request *request,
		      const struct wire_export_plan *plan)
{
	enum err err = OK;

	making->made.recordings = plan->recordings;
	making->made.left_out = plan->left_out;
	making->expected = plan->bytes;
	progress_begin(&making->progress, "archive", (size_t)plan->bytes);
	if (request->recipient_count > 0)
		err = age_writer_create(request->recipients, request->recipient_count,
					&making->counted, &making->age);
	if (!err)
		err = zip_writer_create(making->age ? &making->locked : &making->counted,
					&making->zip);
	return err;
}

static enum err acknowledge(struct making *making, size_t size, struct err_note *note)
{
	struct wire_export_more more;
	enum err err;

	making->taken += size;
	making->unacknowledged += (uint32_t)size;
	progress_step(&making->progress,
		      (size_t)(making->taken < making->expected ? making->taken
								: making->expected));
	if (making->unacknowledged < ACKNOWLEDGE_BYTES)
		return OK;
	more = (struct wire_export_more){.bytes = making->unacknowledged};
	making->unacknowledged = 0;
	err = link_client_send_export_more(making->client, &more, note);
	return err;
}

static enum err take_data(struct making *making, struct wire_slice bytes,
			  struct err_note *note)
{
	enum err err;

	if (!making->zip)
		return err_say(ERR_FORMAT, note, "the keeper sent files unannounced");
	err = export_stream_feed(&making->stream, bytes.bytes, bytes.size, note);
	return err ? err : acknowledge(making, bytes.size, note);
}

static enum err end(struct making *making, const struct wire_export_over *over,
		    struct err_note *note)
{
	enum err err = over->err < ERR_COUNT ? (enum err)over->err : ERR_FORMAT;

	must(str_copy(making->made.reason, sizeof(making->made.reason), over->reason));
	if (err)
		return err_say(err == ERR_AUTH ? ERR_DENIED : err, note,
			       "no archive was made (%s): %s", over->reason, over->words);
	if (!making->zip || !export_stream_is_whole(&making->stream))
		return err_say(ERR_FORMAT, note, "the keeper's archive is not whole");
	making->made.event = over->event;
	err = zip_writer_end(making->zip);
	return err || !making->age ? err : age_writer_end(making->age);
}

static enum err other(struct making *making, const struct wire_message *message,
		      struct err_note *note)
{
	if (message->type == WIRE_refused)
		must(str_copy(making->made.reason, sizeof(making->made.reason),
			      message->refused.reason));
	return client_other(message, note);
}

static enum err take_all(struct making *making, const struct export_request *request,
			 struct err_note *note)
{
	const struct wire_message *message = NULL;

	for (;;) {
		enum err err = link_client_wait(making->client, WAIT_MS, &message, note);

		if (err)
			return err_say(err, note, "no answer from the keeper: %s",
				       err_words(err));
		if (message->type == WIRE_export_over)
			return end(making, &message->export_over, note);
		if (message->type == WIRE_export_data)
			err = take_data(making, message->export_data.bytes, note);
		else if (message->type == WIRE_export_plan && !making->zip)
			err = begin(making, request, &message->export_plan);
		else
			err = other(making, message, note);
		if (err)
			return err;
	}
}

enum err export_archive_write(struct link_client *client,
			      const struct export_request *request,
			      const struct sink *target, struct export_made *out_made,
			      struct err_note *note)
{
	const struct wire_export_begin ask = {.by_room = request->by_room};
	struct making making = {.client = client,
				.target = target,
				.begun_ms = loop_now_ms()};
	const struct export_stream_listener listener = {&making, open_file, add_bytes};
	enum err err = link_client_send_export_begin(client, &ask, note);

	making.counted = (struct sink){&making, count_bytes};
	making.locked = (struct sink){&making, lock_bytes};
	export_stream_init(&making.stream, &listener);
	if (!err)
		err = take_all(&making, request, note);
	if (making.progress.label)
		progress_end(&making.progress);
	zip_writer_destroy(making.zip);
	age_writer_destroy(making.age);
	*out_made = making.made;
	return err;
}
