/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibration_picture - a study as an SVG: for each length of speech, and for all, how
 * many commands are lost against how much other sound is let pass, as the floor moves.
 *
 * Both axes are by the square root, so that what matters, the first few percent, has room
 * and nothing at all still has its place. Names from outside are escaped.
 */
#include <math.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/calibration_print.h"

enum {
	COLUMNS = 3,
	FIELD_WIDTH = 300,
	FIELD_HEIGHT = 286,
	PLOT_LEFT = 46,
	PLOT_TOP = 30,
	PLOT_SIDE = 208,
	MARGIN = 16,
	TITLE_HEIGHT = 44,
	LEGEND_LINE = 20,
	COLOURS = 6,
	DASHES = 4,
};

static const double PERCENT = 100;
static const int TICKS[] = {0, 1, 5, 10, 20, 50, 100};

/* Told apart also by those who see few colours (Okabe and Ito). */
static const char STYLE[] =
	"<style>\n"
	".back{fill:#ffffff}.ink{fill:#1b1f24}.soft{fill:#57606a}\n"
	".grid{stroke:#d0d7de;stroke-width:1}.frame{stroke:#57606a;fill:none}\n"
	".c0{stroke:#0072b2;fill:#0072b2}.c1{stroke:#d55e00;fill:#d55e00}\n"
	".c2{stroke:#009e73;fill:#009e73}.c3{stroke:#b0478e;fill:#b0478e}\n"
	".c4{stroke:#8a6d00;fill:#8a6d00}.c5{stroke:#3c7fb1;fill:#3c7fb1}\n"
	".line{fill:none;stroke-width:1.8}.ring{stroke-width:1.8}\n"
	"@media (prefers-color-scheme:dark){\n"
	".back{fill:#0d1117}.ink{fill:#e6edf3}.soft{fill:#9da7b3}\n"
	".grid{stroke:#30363d}.frame{stroke:#9da7b3}\n"
	".c0{stroke:#56b4e9;fill:#56b4e9}.c1{stroke:#ff9248;fill:#ff9248}\n"
	".c2{stroke:#2fcc9f;fill:#2fcc9f}.c3{stroke:#e28cc4;fill:#e28cc4}\n"
	".c4{stroke:#f0e442;fill:#f0e442}.c5{stroke:#8fb8de;fill:#8fb8de}}\n"
	"</style>\n";
static const char *const DASH[DASHES] = {"none", "6 3", "2 3", "8 3 2 3"};

struct picture {
	const struct study *study;
	struct buf *to;
	enum err err; /* the first */
};

static void add_text(struct picture *picture, const char *text)
{
	if (!picture->err)
		picture->err = buf_add_text(picture->to, text);
}

#define ADD(picture, ...)                                 \
	((picture)->err = (picture)->err ? (picture)->err \
					 : buf_add_format((picture)->to, __VA_ARGS__))

/* Text of others, fit for XML. */
static void add_escaped(struct picture *picture, const char *text)
{
	static const struct {
		char what;
		const char *as;
	} ESCAPES[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}};
	char clean[CALIBRATION_NAME_BYTES];

	must(str_copy(clean, sizeof(clean), text));
	str_clean(clean);
	for (const char *at = clean; *at; at++) {
		const char *as = NULL;

		for (size_t i = 0; i < STR_COUNT(ESCAPES); i++) {
			if (*at == ESCAPES[i].what)
				as = ESCAPES[i].as;
		}
		if (as)
			add_text(picture, as);
		else
			ADD(picture, "%c", *at);
	}
}

/* ---- curves ---- */

/* Of the commands of the same condition, whatever their source. */
static double lost_percent(const struct study *study, const struct study_part *parts,
			   size_t series, double floor)
{
	const struct calibration *of = study->of;
	size_t kept = 0;
	size_t count = 0;

	for (size_t i = 0; i < of->series_count; i++) {
		const struct calibration_values *test = &parts[i].test;

		if (!of->series[i].command ||
		    !str_equal(of->series[i].condition, of->series[series].condition))
			continue;
		kept += calibration_passed(test, floor);
		count += test->count;
	}
	return count ? PERCENT * (double)(count - kept) / (double)count : NAN;
}

static double false_percent(const struct study_part *parts, size_t series, double floor)
{
	const struct calibration_values *test = &parts[series].test;

	return test->count ? PERCENT * (double)calibration_passed(test, floor) /
				     (double)test->count
			   : NAN;
}

static bool has_curve(const struct study *study, const struct study_part *parts,
		      size_t series)
{
	return !study->of->series[series].command &&
	       !isnan(lost_percent(study, parts, series, 0)) &&
	       !isnan(false_percent(parts, series, 0));
}

static bool has_any(const struct study *study, const struct study_group *group)
{
	for (size_t i = 0; i < study->of->series_count; i++) {
		if (has_curve(study, group->parts, i))
			return true;
	}
	return false;
}

static double place(double percent)
{
	return sqrt(percent / PERCENT) * PLOT_SIDE;
}

static double place_x(double percent)
{
	return PLOT_LEFT + place(percent);
}

static double place_y(double percent)
{
	return PLOT_TOP + PLOT_SIDE - place(percent);
}

/* A colour for each condition, a dash for each kind of sound. */
static size_t colour_of(const struct study *study, size_t series)
{
	size_t colour = 0;
	size_t at = study_next_condition(study, SIZE_MAX);

	while (!str_equal(study->of->series[at].condition,
			  study->of->series[series].condition)) {
		at = study_next_condition(study, at);
		colour++;
	}
	return colour % COLOURS;
}

static size_t dash_of(const struct study *study, size_t series)
{
	const struct calibration *of = study->of;
	size_t dash = 0;

	for (size_t i = 0; i < series; i++) {
		dash += !of->series[i].command &&
			str_equal(of->series[i].condition, of->series[series].condition);
	}
	return dash % DASHES;
}

static void add_curve(struct picture *picture, const struct study_part *parts,
		      size_t series)
{
	double before_x = -1;
	double before_y = -1;

	ADD(picture,
	    "<polyline class=\"line c%zu\" style=\"fill:none\" stroke-dasharray=\"%s\" "
	    "points=\"",
	    colour_of(picture->study, series), DASH[dash_of(picture->study, series)]);
	for (int step = (int)CALIBRATION_LOWEST * CALIBRATION_STEPS_PER_UNIT;
	     step <= -(int)CALIBRATION_LOWEST * CALIBRATION_STEPS_PER_UNIT; step++) {
		const double floor = (double)step / CALIBRATION_STEPS_PER_UNIT;
		const double x = place_x(false_percent(parts, series, floor));
		const double y =
			place_y(lost_percent(picture->study, parts, series, floor));

		if (fabs(x - before_x) + fabs(y - before_y) > 1e-6)
			ADD(picture, "%.1f,%.1f ", x, y);
		before_x = x;
		before_y = y;
	}
	add_text(picture, "\"/>\n");
}

/* Filled: what is shipped. A ring: what is suggested. */
static void add_mark(struct picture *picture, const struct study_part *parts,
		     size_t series, double floor, bool shipped)
{
	const double others = false_percent(parts, series, floor);
	const double lost = lost_percent(picture->study, parts, series, floor);
	const size_t colour = colour_of(picture->study, series);

	ADD(picture, "<circle class=\"ring c%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"%s>",
	    colour, place_x(others), place_y(lost), shipped ? "4" : "6.5",
	    shipped ? "" : " style=\"fill:none\"");
	add_text(picture, "<title>");
	add_escaped(picture, picture->study->of->series[series].condition);
	add_text(picture, ", ");
	add_escaped(picture, picture->study->of->series[series].source);
	ADD(picture, ": %s floor %.1f, %.2f %% lost, %.2f %% let pass</title></circle>\n",
	    shipped ? "shipped" : "suggested", floor, lost, others);
}

/* ---- fields ---- */

static void add_axes(struct picture *picture)
{
	for (size_t i = 0; i < STR_COUNT(TICKS); i++) {
		const double x = place_x(TICKS[i]);
		const double y = place_y(TICKS[i]);

		ADD(picture,
		    "<path class=\"grid\" d=\"M%.1f %d V%d M%d %.1f H%d\"/>\n"
		    "<text class=\"soft\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d"
		    "</text><text class=\"soft\" x=\"%d\" y=\"%.1f\" "
		    "text-anchor=\"end\">%d</text>\n",
		    x, PLOT_TOP, PLOT_TOP + PLOT_SIDE, PLOT_LEFT, y,
		    PLOT_LEFT + PLOT_SIDE, x, PLOT_TOP + PLOT_SIDE + 15, TICKS[i],
		    PLOT_LEFT - 6, y + 4, TICKS[i]);
	}
	ADD(picture,
	    "<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n"
	    "<text class=\"ink\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">other sound let "
	    "pass, %%</text>\n"
	    "<text class=\"ink\" transform=\"translate(12 %d) rotate(-90)\" "
	    "text-anchor=\"middle\">commands lost, %%</text>\n",
	    PLOT_LEFT, PLOT_TOP, PLOT_SIDE, PLOT_SIDE, PLOT_LEFT + PLOT_SIDE / 2,
	    PLOT_TOP + PLOT_SIDE + 34, PLOT_TOP + PLOT_SIDE / 2);
}

static void add_field(struct picture *picture, const struct study_group *group,
		      size_t number, int top)
{
	const struct study *study = picture->study;
	const bool any = group->length == CALIBRATION_ANY;
	char words[STUDY_LENGTH_BYTES];

	study_length_words(study, group->length, words);
	ADD(picture, "<g transform=\"translate(%d %d)\">\n",
	    MARGIN + (int)(number % COLUMNS) * FIELD_WIDTH,
	    top + (int)(number / COLUMNS) * FIELD_HEIGHT);
	ADD(picture,
	    any ? "<text class=\"ink\" x=\"%d\" y=\"20\" font-weight=\"bold\">%s: shipped "
		  "%+g, suggested %+g</text>\n"
		: "<text class=\"ink\" x=\"%d\" y=\"20\" font-weight=\"bold\">%s: shipped "
		  "%g, suggested %g</text>\n",
	    PLOT_LEFT, words, group->shipped, group->suggested);
	add_axes(picture);
	for (size_t i = 0; i < study->of->series_count; i++) {
		if (!has_curve(study, group->parts, i))
			continue;
		add_curve(picture, group->parts, i);
		add_mark(picture, group->parts, i, group->shipped, true);
		add_mark(picture, group->parts, i, group->suggested, false);
	}
	add_text(picture, "</g>\n");
}

/* ---- the whole ---- */

static size_t count_curves(const struct study *study)
{
	size_t count = 0;

	for (size_t i = 0; i < study->of->series_count; i++)
		count += !study->of->series[i].command;
	return count;
}

static void add_legend(struct picture *picture)
{
	const struct study *study = picture->study;
	int y = TITLE_HEIGHT + LEGEND_LINE / 2;

	for (size_t i = 0; i < study->of->series_count; i++) {
		const struct calibration_series *series = &study->of->series[i];

		if (series->command)
			continue;
		ADD(picture,
		    "<path class=\"line c%zu\" style=\"fill:none\" "
		    "stroke-dasharray=\"%s\" d=\"M%d %d h40\"/><text class=\"ink\" "
		    "x=\"%d\" y=\"%d\">",
		    colour_of(study, i), DASH[dash_of(study, i)], MARGIN + 4, y,
		    MARGIN + 54, y + 4);
		add_escaped(picture, series->condition);
		add_text(picture, ": ");
		add_escaped(picture, series->source);
		add_text(picture, "</text>\n");
		y += LEGEND_LINE;
	}
	ADD(picture,
	    "<text class=\"soft\" x=\"%d\" y=\"%d\">dot: the shipped floor; ring: the "
	    "suggested one, chosen on other files than these; axes by the square "
	    "root</text>\n",
	    MARGIN + 4, y + 4);
}

static size_t count_fields(const struct study *study)
{
	size_t count = 0;

	for (size_t i = 0; i < study->group_count; i++)
		count += study->groups[i].class_of == CALIBRATION_CLASS_NONE &&
			 has_any(study, &study->groups[i]);
	return count;
}

enum err calibration_picture(const struct study *study, struct buf *to)
{
	struct picture picture = {study, to, OK};
	const int top = TITLE_HEIGHT + (int)(count_curves(study) + 1) * LEGEND_LINE + 8;
	const size_t fields = count_fields(study);
	const size_t lines = (fields + COLUMNS - 1) / COLUMNS;
	size_t number = 0;

	ADD(&picture,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
	    "font-family=\"DejaVu Sans, Helvetica, sans-serif\" font-size=\"11\">\n%s"
	    "<rect class=\"back\" width=\"100%%\" height=\"100%%\"/>\n"
	    "<text class=\"ink\" x=\"%d\" y=\"30\" font-size=\"16\" "
	    "font-weight=\"bold\">Commands lost against other sound let pass, by how long "
	    "somebody spoke</text>\n",
	    2 * MARGIN + COLUMNS * FIELD_WIDTH, top + (int)lines * FIELD_HEIGHT + MARGIN,
	    STYLE, MARGIN + 4);
	add_legend(&picture);
	for (size_t i = 0; i < study->group_count; i++) {
		const struct study_group *group = &study->groups[i];
		if (group->class_of == CALIBRATION_CLASS_NONE && has_any(study, group))
			add_field(&picture, group, number++, top);
	}
	if (fields == 0)
		ADD(&picture,
		    "<text class=\"ink\" x=\"%d\" y=\"%d\">nothing to draw: both commands "
		    "that were heard right and other sound are needed</text>\n",
		    MARGIN + 4, top);
	add_text(&picture, "</svg>\n");
	return picture.err;
}
