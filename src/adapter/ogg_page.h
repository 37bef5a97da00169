/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ogg_page - the pages and packets of an Ogg file (RFC 3533), in memory. Pure.
 *
 * Bytes enter; borrowed views of one page and of the packets that begin on it leave. The
 * bytes are not trusted: nothing outside them is read. What the packets hold is not looked
 * at here.
 */
#ifndef ADAPTER_OGG_PAGE_H
#define ADAPTER_OGG_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OGG_PAGE_HEADER_BYTES = 27,
	OGG_PAGE_SEGMENTS_MAX = 255,
	OGG_PAGE_SEGMENT_BYTES_MAX = 255,
	OGG_PAGE_BYTES_MAX = OGG_PAGE_HEADER_BYTES + OGG_PAGE_SEGMENTS_MAX +
			     OGG_PAGE_SEGMENTS_MAX * OGG_PAGE_SEGMENT_BYTES_MAX,
};

enum ogg_page_flag {
	OGG_PAGE_CONTINUED = 1, /* begins with the rest of a packet */
	OGG_PAGE_FIRST = 2,
	OGG_PAGE_LAST = 4,
};

/* A whole page. lacing and body are borrowed. */
struct ogg_page {
	uint8_t flags;
	uint64_t granule;  /* what position means is the codec's */
	uint32_t serial;   /* of the stream */
	uint32_t sequence; /* of the page */
	uint32_t sum;      /* as written, not checked */
	const uint8_t *lacing;
	size_t segments;
	const uint8_t *body;
	size_t size; /* of the page, header and all */
};

/* Reads the page that bytes begin with; false when no whole one stands there. */
bool ogg_page_read(const uint8_t *bytes, size_t size, struct ogg_page *out_page);

/* A walk over the packets of a page; begin with zeros. */
struct ogg_packet {
	const uint8_t *bytes; /* borrowed */
	size_t size;
	size_t segment; /* the one behind it */
};

/* The next packet; false when there is none that ends on this page. */
bool ogg_page_next(const struct ogg_page *page, struct ogg_packet *packet);

/* The sum that a page of size bytes has to have. */
uint32_t ogg_page_sum(const uint8_t *bytes, size_t size);

/* Gives a page of size bytes a stream's number, and the sum that fits what it holds. */
void ogg_page_seal(uint8_t *bytes, size_t size, uint32_t serial);

#endif
