// SPDX-License-Identifier: MIT
// How a graph of stacks looks, and what it tells of a frame and of what was found: for Chart, on every page.

import { frameColour } from './colours.js';
import { frameLabel, showDetails } from './details.js';
import { VALUES, share } from './figures.js';

// `state` is what is shown: {data, value, side, cost, all, root}. `details` and `found` are elements; say(text) tells those who
// can't see the graph.
export function lookOf(state, { details, found, say }) {
	return {
		cost: () => state.cost,
		colour: (node) => frameColour(state.data, node, state.value, state.side),
		label: (node) => frameLabel(state, node),
		shown: (node, aloud) => {
			showDetails(state, details, node);
			if (aloud) say(details.innerText);
		},
		found: (sum) => {
			const { format } = VALUES[state.value];
			found.textContent = `found ${share(sum, state.root.costs[state.cost])}: ${format(sum)}`;
		},
		zoomed: (node) => say(node ? `zoomed into ${frameLabel(state, node)}` : 'all is shown'),
	};
}
