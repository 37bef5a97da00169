/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_page - the words of an archive: its pages for people, its lines for programs, the
 * heads of its sound files. Everything that somebody else chose (transcripts, names) is
 * escaped. Pure.
 */
#ifndef KEEPER_EXPORT_PAGE_H
#define KEEPER_EXPORT_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "domain/incident.h"
#include "keeper/export_set.h"

enum {
	EXPORT_WAV_HEAD_BYTES = 44,
	EXPORT_TIME_BYTES = 32,
	EXPORT_SOUND_PATH_BYTES = 128,
};

/* What an archive is about. */
struct export_about {
	struct household_id household;
	struct export_id export;
	const char *owner; /* their name */
	int64_t made_ms;
	size_t recordings;
	size_t left_out; /* of private rooms */
	bool by_room;
	uint32_t retention_days;   /* 0: nothing is kept */
	const char *operator_name; /* "": nobody runs the house for others */
	const char *operator_contact;
	uint64_t journal_size;
};

/* The head of a WAV file of size bytes of our sound. */
void export_wav_head(uint32_t size, uint8_t to[EXPORT_WAV_HEAD_BYTES]);
/* "2026-11-23T10:15:02Z" */
void export_time_text(int64_t at_ms, char to[EXPORT_TIME_BYTES]);
/* "recordings/2026-11-23/101502-<record>.wav", or below by-room/. */
void export_sound_path(const struct export_record *record,
		       char to[EXPORT_SOUND_PATH_BYTES]);

/* --- for programs: one JSON object and a newline --- */
MUST_CHECK enum err export_line_recording(const struct export_set *set,
					  const struct export_record *record,
					  struct buf *to);
MUST_CHECK enum err export_line_about(const struct export_about *about, struct buf *to);
MUST_CHECK enum err export_line_event(uint64_t place, const struct event *event,
				      struct buf *to);

/* --- for people --- */
MUST_CHECK enum err export_index_begin(const struct export_about *about, struct buf *to);
/* before: the one above it on the page, or NULL. */
MUST_CHECK enum err export_index_row(const struct export_set *set,
				     const struct export_record *before,
				     const struct export_record *record, struct buf *to);
MUST_CHECK enum err export_index_end(const struct export_about *about, struct buf *to);
/* What GDPR Article 15 asks for, and how to check the archive; as a page, and as text. */
MUST_CHECK enum err export_about_page(const struct export_about *about, struct buf *to);
MUST_CHECK enum err export_about_text(const struct export_about *about, struct buf *to);

#endif
