/* SPDX-License-Identifier: Apache-2.0 */
/*
 * colour - the table of names and two conversions.
 *
 * Knows nothing of lamps and of what they can show.
 */
#include "adapter/colour.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>

#include "base/str.h"

/* CSS Color Module Level 4, section 6.1, as 0xRRGGBB; sorted by name. */
static const struct {
	const char *name;
	uint32_t rgb;
} COLOURS[] = {
	{"aliceblue", 0xf0f8ff},
	{"antiquewhite", 0xfaebd7},
	{"aqua", 0x00ffff},
	{"aquamarine", 0x7fffd4},
	{"azure", 0xf0ffff},
	{"beige", 0xf5f5dc},
	{"bisque", 0xffe4c4},
	{"black", 0x000000},
	{"blanchedalmond", 0xffebcd},
	{"blue", 0x0000ff},
	{"blueviolet", 0x8a2be2},
	{"brown", 0xa52a2a},
	{"burlywood", 0xdeb887},
	{"cadetblue", 0x5f9ea0},
	{"chartreuse", 0x7fff00},
	{"chocolate", 0xd2691e},
	{"coral", 0xff7f50},
	{"cornflowerblue", 0x6495ed},
	{"cornsilk", 0xfff8dc},
	{"crimson", 0xdc143c},
	{"cyan", 0x00ffff},
	{"darkblue", 0x00008b},
	{"darkcyan", 0x008b8b},
	{"darkgoldenrod", 0xb8860b},
	{"darkgray", 0xa9a9a9},
	{"darkgreen", 0x006400},
	{"darkgrey", 0xa9a9a9},
	{"darkkhaki", 0xbdb76b},
	{"darkmagenta", 0x8b008b},
	{"darkolivegreen", 0x556b2f},
	{"darkorange", 0xff8c00},
	{"darkorchid", 0x9932cc},
	{"darkred", 0x8b0000},
	{"darksalmon", 0xe9967a},
	{"darkseagreen", 0x8fbc8f},
	{"darkslateblue", 0x483d8b},
	{"darkslategray", 0x2f4f4f},
	{"darkslategrey", 0x2f4f4f},
	{"darkturquoise", 0x00ced1},
	{"darkviolet", 0x9400d3},
	{"deeppink", 0xff1493},
	{"deepskyblue", 0x00bfff},
	{"dimgray", 0x696969},
	{"dimgrey", 0x696969},
	{"dodgerblue", 0x1e90ff},
	{"firebrick", 0xb22222},
	{"floralwhite", 0xfffaf0},
	{"forestgreen", 0x228b22},
	{"fuchsia", 0xff00ff},
	{"gainsboro", 0xdcdcdc},
	{"ghostwhite", 0xf8f8ff},
	{"gold", 0xffd700},
	{"goldenrod", 0xdaa520},
	{"gray", 0x808080},
	{"green", 0x008000},
	{"greenyellow", 0xadff2f},
	{"grey", 0x808080},
	{"honeydew", 0xf0fff0},
	{"hotpink", 0xff69b4},
	{"indianred", 0xcd5c5c},
	{"indigo", 0x4b0082},
	{"ivory", 0xfffff0},
	{"khaki", 0xf0e68c},
	{"lavender", 0xe6e6fa},
	{"lavenderblush", 0xfff0f5},
	{"lawngreen", 0x7cfc00},
	{"lemonchiffon", 0xfffacd},
	{"lightblue", 0xadd8e6},
	{"lightcoral", 0xf08080},
	{"lightcyan", 0xe0ffff},
	{"lightgoldenrodyellow", 0xfafad2},
	{"lightgray", 0xd3d3d3},
	{"lightgreen", 0x90ee90},
	{"lightgrey", 0xd3d3d3},
	{"lightpink", 0xffb6c1},
	{"lightsalmon", 0xffa07a},
	{"lightseagreen", 0x20b2aa},
	{"lightskyblue", 0x87cefa},
	{"lightslategray", 0x778899},
	{"lightslategrey", 0x778899},
	{"lightsteelblue", 0xb0c4de},
	{"lightyellow", 0xffffe0},
	{"lime", 0x00ff00},
	{"limegreen", 0x32cd32},
	{"linen", 0xfaf0e6},
	{"magenta", 0xff00ff},
	{"maroon", 0x800000},
	{"mediumaquamarine", 0x66cdaa},
	{"mediumblue", 0x0000cd},
	{"mediumorchid", 0xba55d3},
	{"mediumpurple", 0x9370db},
	{"mediumseagreen", 0x3cb371},
	{"mediumslateblue", 0x7b68ee},
	{"mediumspringgreen", 0x00fa9a},
	{"mediumturquoise", 0x48d1cc},
	{"mediumvioletred", 0xc71585},
	{"midnightblue", 0x191970},
	{"mintcream", 0xf5fffa},
	{"mistyrose", 0xffe4e1},
	{"moccasin", 0xffe4b5},
	{"navajowhite", 0xffdead},
	{"navy", 0x000080},
	{"oldlace", 0xfdf5e6},
	{"olive", 0x808000},
	{"olivedrab", 0x6b8e23},
	{"orange", 0xffa500},
	{"orangered", 0xff4500},
	{"orchid", 0xda70d6},
	{"palegoldenrod", 0xeee8aa},
	{"palegreen", 0x98fb98},
	{"paleturquoise", 0xafeeee},
	{"palevioletred", 0xdb7093},
	{"papayawhip", 0xffefd5},
	{"peachpuff", 0xffdab9},
	{"peru", 0xcd853f},
	{"pink", 0xffc0cb},
	{"plum", 0xdda0dd},
	{"powderblue", 0xb0e0e6},
	{"purple", 0x800080},
	{"rebeccapurple", 0x663399},
	{"red", 0xff0000},
	{"rosybrown", 0xbc8f8f},
	{"royalblue", 0x4169e1},
	{"saddlebrown", 0x8b4513},
	{"salmon", 0xfa8072},
	{"sandybrown", 0xf4a460},
	{"seagreen", 0x2e8b57},
	{"seashell", 0xfff5ee},
	{"sienna", 0xa0522d},
	{"silver", 0xc0c0c0},
	{"skyblue", 0x87ceeb},
	{"slateblue", 0x6a5acd},
	{"slategray", 0x708090},
	{"slategrey", 0x708090},
	{"snow", 0xfffafa},
	{"springgreen", 0x00ff7f},
	{"steelblue", 0x4682b4},
	{"tan", 0xd2b48c},
	{"teal", 0x008080},
	{"thistle", 0xd8bfd8},
	{"tomato", 0xff6347},
	{"turquoise", 0x40e0d0},
	{"violet", 0xee82ee},
	{"wheat", 0xf5deb3},
	{"white", 0xffffff},
	{"whitesmoke", 0xf5f5f5},
	{"yellow", 0xffff00},
	{"yellowgreen", 0x9acd32},
};

/* True when name is plain, but for blanks, hyphens and case. */
static bool is_same(const char *name, const char *plain)
{
	for (; *name; name++) {
		if (*name == ' ' || *name == '-')
			continue;
		if (tolower((unsigned char)*name) != *plain)
			return false;
		plain++;
	}
	return *plain == 0;
}

/* Whites of lamps, which CSS does not name; as light of 2700 and 6500 kelvin is drawn. */
static const struct {
	const char *name;
	uint32_t rgb;
	double mireds;
} WHITES[] = {
	{"coolwhite", 0xffffff, 154.0},
	{"warmwhite", 0xffa757, 370.0},
	{"white", 0xffffff, 250.0},
};

bool colour_to_mireds(const char *name, double *out_mireds)
{
	for (size_t i = 0; i < STR_COUNT(WHITES); i++) {
		if (!is_same(name, WHITES[i].name))
			continue;
		*out_mireds = WHITES[i].mireds;
		return true;
	}
	return false;
}

static struct colour from_rgb(uint32_t rgb)
{
	return (struct colour){.red = (uint8_t)(rgb >> 16),
			       .green = (uint8_t)(rgb >> 8 & 0xff),
			       .blue = (uint8_t)(rgb & 0xff)};
}

bool colour_from_name(const char *name, struct colour *out_colour)
{
	for (size_t i = 0; i < STR_COUNT(WHITES); i++) {
		if (!is_same(name, WHITES[i].name))
			continue;
		*out_colour = from_rgb(WHITES[i].rgb);
		return true;
	}
	for (size_t i = 0; i < STR_COUNT(COLOURS); i++) {
		if (!is_same(name, COLOURS[i].name))
			continue;
		*out_colour = from_rgb(COLOURS[i].rgb);
		return true;
	}
	return false;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

void colour_to_hs(struct colour colour, double *out_hue, double *out_saturation)
{
	double red = colour.red;
	double green = colour.green;
	double blue = colour.blue;
	double most = larger(red, larger(green, blue));
	double span = most - smaller(red, smaller(green, blue));
	double hue = 0.0;

	if (span > 0.0) {
		if (most <= red)
			hue = 60.0 * (green - blue) / span;
		else if (most <= green)
			hue = 120.0 + 60.0 * (blue - red) / span;
		else
			hue = 240.0 + 60.0 * (red - green) / span;
	}
	*out_hue = hue < 0.0 ? hue + 360.0 : hue;
	*out_saturation = most > 0.0 ? 100.0 * span / most : 0.0;
}

/* From the sRGB curve to linear light (IEC 61966-2-1). */
static double to_linear(uint8_t value)
{
	double part = value / 255.0;

	return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

void colour_to_xy(struct colour colour, double *out_x, double *out_y)
{
	double red = to_linear(colour.red);
	double green = to_linear(colour.green);
	double blue = to_linear(colour.blue);
	double x = 0.4124 * red + 0.3576 * green + 0.1805 * blue;
	double y = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
	double z = 0.0193 * red + 0.1192 * green + 0.9505 * blue;
	double sum = x + y + z;

	*out_x = sum > 0.0 ? x / sum : 0.3127;
	*out_y = sum > 0.0 ? y / sum : 0.3290;
}
