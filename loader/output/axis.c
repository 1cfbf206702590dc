// SPDX-License-Identifier: MIT
#include "output/axis.h"

#include <math.h>

/* 1, 2 or 5 times a power of ten. */
static double round_step(double step)
{
	double power = pow(10, floor(log10(step))), part = step / power;

	return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

struct axis axis_new(double low, double high, double from, double to, size_t wanted)
{
	double room = high > low ? (high - low) * 0.04 : fmax(fabs(high) * 0.05, 1e-9);
	struct axis axis = {.low = low - room, .high = high + room, .from = from, .to = to};
	double step = round_step((axis.high - axis.low) / wanted);

	/* Nothing measured is below nothing. */
	if (low >= 0 && axis.low < 0)
		axis.low = 0;
	for (double tick = ceil(axis.low / step); tick * step <= axis.high && axis.tick_count < MOST_TICKS; tick++)
		axis.ticks[axis.tick_count++] = tick * step;
	return axis;
}

struct axis axis_of_ratios(double low, double high, double from, double to)
{
	static const double fine[] = {0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.25};
	static const double coarse[] = {0.01, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 10, 100};
	double widest = fmin(fmax(fmax(high, 1 / low), 1.02), 1000);
	struct axis axis = {.low = 1 / widest, .high = widest, .from = from, .to = to, .logarithmic = true};
	bool is_fine = widest < 1.4;
	size_t count = is_fine ? sizeof(fine) / sizeof(fine[0]) : sizeof(coarse) / sizeof(coarse[0]);

	axis.low /= 1.01;
	axis.high *= 1.01;
	for (size_t i = 0; i < count; i++) {
		double tick = is_fine ? fine[i] : coarse[i];

		if (tick >= axis.low && tick <= axis.high)
			axis.ticks[axis.tick_count++] = tick;
	}
	return axis;
}

double axis_place(const struct axis *axis, double value)
{
	double share = axis->logarithmic ? log(value / axis->low) / log(axis->high / axis->low)
	                                 : (value - axis->low) / (axis->high - axis->low);

	return axis->from + fmin(fmax(share, 0), 1) * (axis->to - axis->from);
}

struct axis_unit axis_unit(enum measure measure, double most)
{
	static const struct axis_unit seconds[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {0, ""}};
	static const struct axis_unit bytes[] = {{1073741824, "GiB"}, {1048576, "MiB"}, {1024, "KiB"}, {1, "bytes"}};
	static const struct axis_unit counts[] = {
	    {1e9, "thousand million"}, {1e6, "million"}, {1e3, "thousand"}, {0, ""}};
	const struct axis_unit *units = measures[measure].unit == UNIT_SECONDS ? seconds
	                                : measures[measure].unit == UNIT_BYTES ? bytes
	                                                                       : counts;

	for (size_t i = 0; i < 4 && units[i].divisor; i++)
		if (most >= units[i].divisor)
			return units[i];
	return measures[measure].unit == UNIT_SECONDS ? seconds[2] : (struct axis_unit){1, ""};
}
