/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo_form - one walk over the pages: a head, tags, and sound.
 *
 * Stands in front of libsndfile because that believes what a file says of its own length:
 * a last page whose position lies 2^32 before the one in front of it makes it hand out
 * megabytes of memory that it never wrote. Here every position has to be the sum of the
 * packets' own lengths, so a file can only be as long as what it brings. Whether a packet
 * can be decoded is not known here.
 *
 * Positions are samples at 48 kHz whatever the rate, called ticks.
 *
 * Invariant: all pages before `at` were in order.
 */
#include "adapter/memo_form.h"

#include <stdbool.h>
#include <string.h>

#include "adapter/ogg_page.h"
#include "domain/memo.h"

enum {
	TICKS_PER_SAMPLE = 48000 / AUDIO_HZ,
	PACKET_TICKS_MAX = 5760, /* 120 ms, the most that Opus allows */
	PRESKIP_AT = 10,         /* u16; the first ticks are not to be heard */
};

/* The head, with 0 for the preskip; nothing else may differ: version 1, one channel,
 * 16,000 Hz, no gain (a stranger could make it deafening), mapping 0. */
static const char HEAD[] = "OpusHead\1\1\0\0\x80\x3e\0\0\0\0\0";
static const char TAGS[] = "OpusTags";
enum { HEAD_BYTES = sizeof(HEAD) - 1, TAGS_BYTES = sizeof(TAGS) - 1 };

struct walk {
	const uint8_t *at;
	size_t left;
	uint32_t pages;
	uint32_t serial;
	uint64_t preskip;
	uint64_t ticks; /* in all packets so far */
	uint64_t sound; /* position of the last page */
	struct err_note *note;
};

static enum err say_damaged(const struct walk *walk, const char *words)
{
	return err_say(ERR_FORMAT, walk->note, "voice message: page %u %s",
		       walk->pages + 1, words);
}

static enum err say_not_ours(const struct walk *walk)
{
	return err_say(ERR_UNSUPPORTED, walk->note,
		       "voice message: expected Opus in Ogg, %d Hz, mono", AUDIO_HZ);
}

/* The packet that is alone on a page. */
static bool only_packet(const struct ogg_page *page, struct ogg_packet *out_packet)
{
	*out_packet = (struct ogg_packet){0};
	return ogg_page_next(page, out_packet) && out_packet->segment == page->segments;
}

static enum err check_head(struct walk *walk, const struct ogg_page *page)
{
	uint8_t head[HEAD_BYTES];
	struct ogg_packet packet;

	if (!only_packet(page, &packet) || packet.size != HEAD_BYTES)
		return say_not_ours(walk);
	memcpy(head, packet.bytes, sizeof(head));
	walk->preskip = (uint64_t)head[PRESKIP_AT] | (uint64_t)head[PRESKIP_AT + 1] << 8;
	head[PRESKIP_AT] = 0;
	head[PRESKIP_AT + 1] = 0;
	if (memcmp(head, HEAD, sizeof(head)) != 0)
		return say_not_ours(walk);
	return page->granule == 0 ? OK : say_damaged(walk, "has a position");
}

static enum err check_tags(struct walk *walk, const struct ogg_page *page)
{
	struct ogg_packet packet;

	if (!only_packet(page, &packet) || packet.size < TAGS_BYTES ||
	    packet.size > MEMO_FORM_TAGS_BYTES_MAX ||
	    memcmp(packet.bytes, TAGS, TAGS_BYTES) != 0)
		return say_damaged(walk, "holds no tags, or too many");
	return page->granule == 0 ? OK : say_damaged(walk, "has a position");
}

/* How long a packet sounds by its first bytes (RFC 6716, 3.1); 0 when they are wrong. */
static uint32_t ticks_of(const struct ogg_packet *packet)
{
	static const uint16_t FRAME_TICKS[32] = {
		480, 960, 1920, 2880, 480, 960, 1920, 2880, /* speech, narrow to medium */
		480, 960, 1920, 2880, 480, 960, 480,  960,  /* speech, wide; both kinds */
		120, 240, 480,  960,  120, 240, 480,  960,  /* any sound */
		120, 240, 480,  960,  120, 240, 480,  960,
	};
	static const uint8_t FRAMES[4] = {1, 2, 2, 0}; /* 0: the second byte says */
	uint32_t frames = 0;

	if (packet->size == 0)
		return 0;
	frames = FRAMES[packet->bytes[0] & 3];
	if (frames == 0 && packet->size > 1)
		frames = packet->bytes[1] & 63;
	frames *= FRAME_TICKS[packet->bytes[0] >> 3];
	return frames <= PACKET_TICKS_MAX ? frames : 0;
}

/* The last page may end before its last packet does: the encoder fills that up. */
static bool position_fits(const struct walk *walk, const struct ogg_page *page,
			  uint32_t last_ticks)
{
	if (page->flags & OGG_PAGE_LAST)
		return page->granule <= walk->ticks &&
		       page->granule > walk->ticks - last_ticks;
	return page->granule == walk->ticks;
}

static enum err check_sound(struct walk *walk, const struct ogg_page *page)
{
	struct ogg_packet packet = {0};
	uint32_t last_ticks = 0;

	while (ogg_page_next(page, &packet)) {
		last_ticks = ticks_of(&packet);
		if (last_ticks == 0)
			return say_damaged(walk, "holds something else than Opus");
		walk->ticks += last_ticks;
	}
	if (last_ticks == 0 || packet.segment != page->segments)
		return say_damaged(walk, "holds no whole packets");
	if (!position_fits(walk, page, last_ticks))
		return say_damaged(walk, "does not end where it says");
	walk->sound = page->granule;
	return OK;
}

/* The next page, if it is the one that has to come. */
static enum err take_page(struct walk *walk, struct ogg_page *out_page)
{
	struct ogg_page page;
	uint8_t flags = 0;

	if (!ogg_page_read(walk->at, walk->left, &page))
		return say_damaged(walk, "is cut short or no page");
	if (page.sum != ogg_page_sum(walk->at, page.size))
		return say_damaged(walk, "is damaged");
	if (walk->pages == 0) {
		walk->serial = page.serial;
		flags = OGG_PAGE_FIRST;
	} else if (page.size == walk->left) {
		flags = OGG_PAGE_LAST;
	}
	if (page.flags != flags)
		return say_damaged(walk, flags == OGG_PAGE_LAST
						 ? "is the last one and does not say so"
						 : "is of another kind");
	if (page.serial != walk->serial || page.sequence != walk->pages)
		return say_damaged(walk, "is out of order");
	*out_page = page;
	return OK;
}

static enum err check_page(struct walk *walk)
{
	static enum err (*const CHECKS[])(struct walk *,
					  const struct ogg_page *) = {check_head,
								      check_tags,
								      check_sound};
	struct ogg_page page = {0};
	enum err err = take_page(walk, &page);

	if (!err)
		err = CHECKS[walk->pages < 2 ? walk->pages : 2](walk, &page);
	if (err)
		return err;
	walk->at += page.size;
	walk->left -= page.size;
	walk->pages++;
	return OK;
}

/* What can be seen without reading a page. */
static enum err check_outside(const struct walk *walk)
{
	static const char MAGIC[] = {'O', 'g', 'g', 'S'};

	if (walk->left == 0)
		return err_say(ERR_FORMAT, walk->note, "voice message: is empty");
	if (walk->left > MEMO_FORM_BYTES_MAX)
		return err_say(ERR_LIMIT, walk->note,
			       "voice message: has %zu bytes; at most %d are taken",
			       walk->left, MEMO_FORM_BYTES_MAX);
	if (walk->left < sizeof(MAGIC) || memcmp(walk->at, MAGIC, sizeof(MAGIC)) != 0)
		return say_not_ours(walk);
	return OK;
}

enum err memo_form_check(const uint8_t *bytes, size_t size, size_t *out_samples,
			 struct err_note *note)
{
	struct walk walk = {.at = bytes, .left = size, .note = note};
	enum err err = check_outside(&walk);
	uint64_t samples = 0;

	while (!err && walk.left > 0)
		err = check_page(&walk);
	if (err)
		return err;
	if (walk.sound / TICKS_PER_SAMPLE <= walk.preskip / TICKS_PER_SAMPLE)
		return err_say(ERR_FORMAT, note, "voice message: holds no sound");
	/* Rounded as the decoder does, which cuts at both ends. */
	samples = walk.sound / TICKS_PER_SAMPLE - walk.preskip / TICKS_PER_SAMPLE;
	if (samples > MEMO_SAMPLES_MAX)
		return err_say(ERR_LIMIT, note, "voice message: is longer than %d s",
			       MEMO_SECONDS_MAX);
	*out_samples = (size_t)samples;
	return OK;
}
