/* SPDX-License-Identifier: Apache-2.0 */
/* test_train_mlp - the slope is the slope, learning learns, and the same seed repeats. */
#include "unit/cmocka_all.h"

#include <math.h>
#include <string.h>

#include "train/mlp.h"

enum { INPUTS = 12, HIDDEN = 7, ROWS = 9 };

struct data {
	float inputs[ROWS * INPUTS];
	float targets[ROWS];
	float importances[ROWS];
	struct mlp_batch batch;
};

static void make_data(struct data *data)
{
	struct random random = random_stream(3, 4, 5);

	for (size_t i = 0; i < ROWS * INPUTS; i++)
		data->inputs[i] = (float)random_normal(&random);
	for (size_t i = 0; i < ROWS; i++) {
		data->targets[i] = data->inputs[i * INPUTS] > 0 ? 1 : 0;
		data->importances[i] = (float)random_range(&random, 0.5, 2);
	}
	data->batch =
		(struct mlp_batch){data->inputs, data->targets, data->importances, ROWS};
}

static struct mlp *make_net(uint64_t seed)
{
	struct random random = random_stream(seed, 1, 1);
	struct mlp *mlp = NULL;

	assert_int_equal(mlp_create(INPUTS, HIDDEN, &random, &mlp), OK);
	for (size_t i = 0; i < mlp_count(mlp); i++) /* no number stands at a corner */
		mlp_numbers(mlp)[i] += (float)(0.1 * random_normal(&random));
	return mlp;
}

static void test_slope_is_the_slope(void **state)
{
	const float step = 1e-3F;
	struct data data;
	struct mlp *mlp = make_net(1);
	size_t wrong = 0;

	(void)state;
	make_data(&data);
	for (size_t i = 0; i < mlp_count(mlp); i++) {
		float kept = mlp_numbers(mlp)[i];
		double above;
		double below;
		double slope;
		double told;

		mlp_numbers(mlp)[i] = kept + step;
		above = mlp_examine(mlp, &data.batch);
		mlp_numbers(mlp)[i] = kept - step;
		below = mlp_examine(mlp, &data.batch);
		mlp_numbers(mlp)[i] = kept;
		(void)mlp_examine(mlp, &data.batch);
		told = (double)mlp_slope(mlp)[i];
		slope = (above - below) / (2 * (double)step);
		wrong += fabs(slope - told) > 1e-3 + 0.03 * fabs(told);
	}
	/* Some steps cross the corner of a rectifier. */
	assert_true(wrong <= mlp_count(mlp) / 40);
	mlp_destroy(mlp);
}

static void learn(struct mlp *mlp, const struct data *data)
{
	const struct mlp_pace pace = {.rate = 1e-2, .decay = 0};

	for (int i = 0; i < 200; i++) {
		(void)mlp_examine(mlp, &data->batch);
		mlp_step(mlp, &pace);
	}
}

static void test_learns_and_repeats(void **state)
{
	struct data data;
	struct mlp *first = make_net(7);
	struct mlp *second = make_net(7);
	float logits[ROWS];
	double before;

	(void)state;
	make_data(&data);
	before = mlp_examine(first, &data.batch);
	learn(first, &data);
	learn(second, &data);
	assert_true(mlp_examine(first, &data.batch) < before / 20);
	assert_memory_equal(mlp_numbers(first), mlp_numbers(second),
			    mlp_count(first) * sizeof(float));
	mlp_judge(first, data.inputs, INPUTS, ROWS, logits);
	for (size_t i = 0; i < ROWS; i++)
		assert_true((logits[i] > 0) == (data.targets[i] > 0.5F));
	mlp_destroy(first);
	mlp_destroy(second);
}

/* Rows that overlap in memory are judged like copies of them. */
static void test_overlapping_rows(void **state)
{
	float line[INPUTS + ROWS];
	float copies[ROWS * INPUTS];
	float overlapping[ROWS];
	float copied[ROWS];
	struct mlp *mlp = make_net(2);

	(void)state;
	for (size_t i = 0; i < INPUTS + ROWS; i++)
		line[i] = (float)i / 10;
	for (size_t row = 0; row < ROWS; row++)
		memcpy(copies + row * INPUTS, line + row, INPUTS * sizeof(float));
	mlp_judge(mlp, line, 1, ROWS, overlapping);
	mlp_judge(mlp, copies, INPUTS, ROWS, copied);
	assert_memory_equal(overlapping, copied, sizeof(copied));
	mlp_destroy(mlp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slope_is_the_slope),
		cmocka_unit_test(test_learns_and_repeats),
		cmocka_unit_test(test_overlapping_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
