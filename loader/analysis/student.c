// SPDX-License-Identifier: MIT
/*
 * Student's distribution by its finite sums over the angle atan(t / sqrt(freedom)) (Abramowitz and Stegun 26.7.3 and
 * 26.7.4), which are exact for whole degrees of freedom, and its inverse by bisection.
 */
#include "analysis/student.h"

#include <math.h>

/* How likely it is that the variable's size is below that of the angle. */
static double probability_within(size_t freedom, double angle)
{
	double cosine = cos(angle), term = 1, sum = 0;
	size_t first = freedom % 2 ? 3 : 2;

	if (freedom == 1)
		return angle * M_2_PI;
	for (size_t i = first; i <= freedom; i += 2) {
		sum += term;
		term *= cosine * cosine * (i - 1) / i;
	}
	return freedom % 2 ? M_2_PI * (angle + sin(angle) * cosine * sum) : sin(angle) * sum;
}

double student_quantile(size_t freedom, double level)
{
	double low = 0, high = M_PI_2;

	if (!freedom)
		return INFINITY;
	for (int i = 0; i < 100; i++) {
		double middle = (low + high) / 2;

		if (probability_within(freedom, middle) < level)
			low = middle;
		else
			high = middle;
	}
	return sqrt(freedom) * tan((low + high) / 2);
}

double student_within(size_t freedom, double t)
{
	return freedom ? probability_within(freedom, atan(t / sqrt(freedom))) : 0;
}
