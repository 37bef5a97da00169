/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile - the workshop in which an understand is made; freed when it is done.
 *
 * Inside of understand/ only. Steps: chunks (a template unfolded, spaces still its own
 * arcs), lists (spoken forms of values), net (words).
 */
#ifndef UNDERSTAND_COMPILE_H
#define UNDERSTAND_COMPILE_H

#include "understand/compiled.h"
#include "understand/table.h"

/* --- chunks: one template as an automaton over pieces and spaces --- */

enum { CHUNK_STATES_MAX = 100000, CHUNK_ARCS_MAX = 200000, CHUNK_REFS_MAX = 4096 };
enum { CHUNK_START = 0, CHUNK_FINAL = 1 };
#define CHUNK_NONE UINT32_MAX
enum { PIECE_EMPTY = 0 };

enum chunk_kind {
	CHUNK_EMPTY,
	CHUNK_PIECE,
	CHUNK_SPACE,
	CHUNK_LIST,
	CHUNK_WILD,
	CHUNK_PASS /* words may be passed over here */
};

struct chunk_arc {
	enum chunk_kind kind;
	uint32_t label; /* piece, or index of a list_ref */
	uint32_t slot;
	uint32_t to;
	uint32_t next; /* the state's next arc */
};

enum list_source {
	SOURCE_LIST, /* of a file */
	SOURCE_RANGE,
	SOURCE_NAMES,
	SOURCE_AREAS,
	SOURCE_FLOORS,
	SOURCE_PEOPLE,
	SOURCE_CONTACTS,
	SOURCE_GOODS, /* what can be ordered */
	SOURCE_GROUPS,
	SOURCE_ROUTINES,
	SOURCE_ARTISTS, /* and the following: music, as enum music_kind */
	SOURCE_ALBUMS,
	SOURCE_PLAYLISTS,
	SOURCE_GENRES,
	SOURCE_STATIONS,
	SOURCE_EXCEPTS /* where a wildcard ends */
};

/* What a {..} stands for. */
struct list_ref {
	enum list_source source;
	const char *name;
	const struct list *list;
	const struct range *range;
	struct place place;
};

struct chunks {
	uint32_t *states; /* the state's first arc */
	size_t state_count;
	size_t state_capacity;
	struct chunk_arc *arcs;
	size_t arc_count;
	size_t arc_capacity;
	struct list_ref *refs;
	size_t ref_count;
	size_t ref_capacity;
};

/* Identity of a word_list, to make each once. */
struct list_key {
	struct list_ref ref;
	uint32_t prefix; /* pieces */
	uint32_t suffix;
};

struct compiler {
	const struct sentences *sentences;
	const struct home *home;
	struct understand *made;
	struct err_note *note;
	struct arena *arena; /* of the workshop */
	struct vocab pieces; /* PIECE_EMPTY is "" */
	struct chunks chunks;
	struct list_key *list_keys; /* [made->list_count] */
	size_t list_key_capacity;
	/* the sentence in work */
	const struct sentence_file *file;
	const struct row *row;
	struct place place;
	size_t steps; /* of the sentence in work */
	size_t all_steps;
};

/* Counts one step of work; ERR_LIMIT when the sentence, or all together, cost too many. */
MUST_CHECK enum err compile_step(struct compiler *compiler);
/* Says that the sentence in work explodes. */
enum err compile_explodes(const struct compiler *compiler);

/* Empties the chunks to a start and a final state. */
MUST_CHECK enum err chunks_begin(struct compiler *compiler);
/* Unfolds part between two states. */
MUST_CHECK enum err chunks_add_part(struct compiler *compiler, const struct part *part,
				    uint32_t from, uint32_t to);
/* Unfolds a frame between the start and the final state. */
MUST_CHECK enum err chunks_add_frame(struct compiler *compiler,
				     const struct frame *frame);
/* Adds text (not a template) between two states. */
MUST_CHECK enum err chunks_add_text(struct compiler *compiler, const char *text,
				    uint32_t from, uint32_t to);
/* Says that a text has too many words. */
enum err chunks_too_long(const struct compiler *compiler);
MUST_CHECK enum err chunks_add_piece(struct compiler *compiler, uint32_t piece,
				     uint32_t from, uint32_t to);
/* Adds an arc that is a space, or marks a place where words may be passed over. */
MUST_CHECK enum err chunks_add_space(struct compiler *compiler, uint32_t from,
				     uint32_t to);
MUST_CHECK enum err chunks_add_pass(struct compiler *compiler, uint32_t at);
MUST_CHECK enum err chunks_add_state(struct compiler *compiler, uint32_t *out_state);

/* Makes words of the chunks: states and arcs of `net`; out_start is a state of it. */
MUST_CHECK enum err net_add_chunks(struct compiler *compiler, struct net *net,
				   uint32_t sentence, uint32_t *out_start);
/* The number of a word, without apostrophes at its ends; VOCAB_NONE when nothing is
 * left. */
MUST_CHECK enum err net_add_word(struct compiler *compiler, const char *text,
				 uint32_t *out_word);
/* Gives the state exactly these arcs, sorted and without doubles. */
MUST_CHECK enum err net_set_arcs(struct net *net, uint32_t state, struct net_arc *arcs,
				 size_t count);
MUST_CHECK enum err net_add_state(struct net *net, uint32_t sentence,
				  uint32_t *out_state);
void net_finish(struct net *net);

/* The use of a list with something glued to it, by the row in work. */
MUST_CHECK enum err lists_use(struct compiler *compiler, const struct list_ref *ref,
			      uint32_t prefix, uint32_t suffix, uint32_t *out_use);
/* Word lists without values from the phrases of all files that are skipped, passed over
 * by frames, and never left out of a question. */
MUST_CHECK enum err lists_make_phrases(struct compiler *compiler);

/* Finds the names that sound the same, once all lists are made. */
MUST_CHECK enum err alike_find(struct compiler *compiler);

#endif
