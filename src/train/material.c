/* SPDX-License-Identifier: Apache-2.0 */
/*
 * material - what nets are taught from, measured and put in order (train/teach.h).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "train/decoy.h"
#include "train/teach.h"

struct moments {
	double sum[EMBEDDING_SIZE];
	double squares[EMBEDDING_SIZE];
	double count;
};

static void add_rows(struct moments *moments, const struct rows *rows)
{
	for (size_t row = 0; row < rows->count; row++) {
		for (size_t i = 0; i < EMBEDDING_SIZE; i++) {
			double value = (double)rows->values[row * EMBEDDING_SIZE + i];

			moments->sum[i] += value;
			moments->squares[i] += value * value;
		}
	}
	moments->count += (double)rows->count;
}

static void measure(struct material *material)
{
	struct moments moments = {.count = 0};

	for (size_t i = 0; i < material->takes->count; i++)
		add_rows(&moments, &material->takes->all[i].rows);
	for (size_t i = 0; i < material->stretches->count; i++)
		add_rows(&moments, &material->stretches->all[i].rows);
	for (size_t i = 0; i < EMBEDDING_SIZE; i++) {
		double mean = moments.sum[i] / moments.count;
		double variance = moments.squares[i] / moments.count - mean * mean;

		material->mean[i] = (float)mean;
		material->scale[i] = (float)(1 / sqrt(fmax(variance, 1e-4)));
	}
}

static void sort(struct material *material)
{
	const struct stretches *stretches = material->stretches;
	size_t place = 0;

	for (uint32_t source = 0; source <= DECOY_SOURCE; source++) {
		size_t before = material->windows;

		for (size_t i = 0; i < stretches->count; i++) {
			if (stretches->all[i].source != source)
				continue;
			material->windows += rows_windows(&stretches->all[i].rows);
			material->order[place] = i;
			material->ends[place++] = material->windows;
		}
		if (material->windows == before)
			continue;
		material->source_ends[material->source_count + material->decoy_count] =
			place;
		if (source == DECOY_SOURCE)
			material->decoy_count++;
		else
			material->source_count++;
	}
	must(place == stretches->count);
}

enum err material_init(const struct takes *takes, const struct stretches *stretches,
		       const struct takes *held_takes,
		       const struct stretches *held_stretches,
		       struct material *out_material, struct err_note *note)
{
	struct material made = {.takes = takes,
				.stretches = stretches,
				.held_takes = held_takes,
				.held_stretches = held_stretches};

	must(takes->count > 0);
	made.order = calloc(stretches->count + 1, sizeof(*made.order));
	made.ends = calloc(stretches->count + 1, sizeof(*made.ends));
	if (!made.order || !made.ends) {
		material_finish(&made);
		return ERR_MEMORY;
	}
	sort(&made);
	if (made.source_count == 0) {
		material_finish(&made);
		return err_say(ERR_MISSING, note,
			       "less than two seconds of other sound; some hours are "
			       "needed");
	}
	measure(&made);
	*out_material = made;
	return OK;
}

void material_finish(struct material *material)
{
	free(material->order);
	free(material->ends);
	*material = (struct material){.order = NULL};
}
