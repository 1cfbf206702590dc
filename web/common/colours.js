// SPDX-License-Identifier: MIT
// A frame's colour: the region that has most of it; or, of two snapshots, whether it grew. theme.css has the colours.

import { VALUES } from './figures.js';

// The region that has more than half of a node's cost; -1: none has.
function mainRegion(node, cost) {
	const width = node.costs.length;
	for (let region = 0; region * width < node.regions.length; region++)
		if (node.regions[region * width + cost] > node.costs[cost] / 2) return region;
	return -1;
}

export const GROWTHS = [
	{ name: 'shrank-3', title: 'halved or less, or gone' },
	{ name: 'shrank-2', title: 'shrank by a fifth or more' },
	{ name: 'shrank-1', title: 'shrank' },
	{ name: 'same', title: 'within 2 %' },
	{ name: 'grew-1', title: 'grew' },
	{ name: 'grew-2', title: 'grew by a quarter or more' },
	{ name: 'grew-3', title: 'doubled or more, or new' },
];

function growthName(before, after) {
	// As a part of the larger one, so that what doubled is as far from nothing as what was halved.
	const part = Math.abs(after - before) / Math.max(before, after, Number.MIN_VALUE);
	if (part < 0.02) return 'same';
	return `${after > before ? 'grew' : 'shrank'}-${part < 0.2 ? 1 : part < 0.5 ? 2 : 3}`;
}

export function frameColour(data, node, value, side) {
	if (data.sides.length > 1) return `var(--${growthName(node.costs[value], node.costs[VALUES.length + value])})`;
	const region = mainRegion(node, side * VALUES.length + value);
	return `var(--${region < 0 ? 'mixed' : data.regions[region]})`;
}
