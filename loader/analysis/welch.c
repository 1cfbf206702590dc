// SPDX-License-Identifier: MIT
/*
 * Welch's t test, for groups that vary differently. Where a few runs happen to lie close together their variance says
 * too little, so that with fewer runs than a rank test could tell anything by the interval is no narrower than what the
 * runs themselves span.
 */
#include "analysis/welch.h"

#include <math.h>

#include "analysis/student.h"

#define FEWEST 2 /* of a group, for a variance */
#define FEW    4 /* below: two groups are apart by accident in 2 of 20 orders, or more; the interval spans the runs */

struct group {
	size_t count;
	double mean, variance, least, most;
};

static struct group group_of(const double *values, size_t count)
{
	struct group group = {.count = count, .least = INFINITY, .most = -INFINITY};

	for (size_t i = 0; i < count; i++) {
		group.mean += values[i] / count;
		group.least = fmin(group.least, values[i]);
		group.most = fmax(group.most, values[i]);
	}
	/* A mean of equal values may miss them by rounding. */
	if (group.least == group.most)
		group.mean = group.least;
	for (size_t i = 0; count > 1 && i < count; i++)
		group.variance += (values[i] - group.mean) * (values[i] - group.mean) / (count - 1);
	return group;
}

/* Satterthwaite's degrees of freedom, rounded down: to the safe side. */
static size_t freedom(double left, size_t left_count, double right, size_t right_count)
{
	double sum = left + right;
	double all = sum * sum / (left * left / (left_count - 1) + right * right / (right_count - 1));

	return all > 1 ? (size_t)all : 1;
}

/* Every run of a group gave the same, in both. */
static void steady(struct welch *result, const struct group *left, const struct group *right)
{
	if (result->change != 0 && (left->count < FEW || right->count < FEW))
		return;
	result->interval = (struct interval){result->change, result->change};
	result->p = result->change == 0;
}

struct welch welch(const double *left, size_t left_count, const double *right, size_t right_count, double level)
{
	struct group a = group_of(left, left_count), b = group_of(right, right_count);
	struct welch result = {.change = b.mean - a.mean, .interval = {NAN, NAN}, .p = NAN};
	double left_error = a.variance / a.count, right_error = b.variance / b.count;
	double error = sqrt(left_error + right_error), half;
	size_t degrees;

	if (a.count < FEWEST || b.count < FEWEST)
		return result;
	if (!(error > 0)) {
		steady(&result, &a, &b);
		return result;
	}
	degrees = freedom(left_error, a.count, right_error, b.count);
	half = student_quantile(degrees, level) * error;
	result.interval = (struct interval){result.change - half, result.change + half};
	result.p = 1 - student_within(degrees, fabs(result.change) / error);
	if (a.count < FEW || b.count < FEW) {
		result.interval.low = fmin(result.interval.low, b.least - a.most);
		result.interval.high = fmax(result.interval.high, b.most - a.least);
	}
	return result;
}
