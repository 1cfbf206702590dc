// SPDX-License-Identifier: MIT
// What is known of one frame.

import { element } from './element.js';
import { VALUES, change, share } from './figures.js';
import { forEachNode } from './tree.js';

// "12,345 faults, 3.2 % of all"; of two snapshots both, and the change.
export function costText(state, node) {
	const { format } = VALUES[state.value];
	const width = VALUES.length;
	// The whole was counted; how it divides among stacks is what a sample estimates.
	const about = state.data.sampled && node !== state.all ? 'about ' : '';
	if (state.data.sides.length > 1) {
		const [before, after] = [node.costs[state.value], node.costs[width + state.value]];
		return `${about}${format(before)} before, ${format(after)} after: ${change(before, after)}`;
	}
	return `${about}${format(node.costs[state.cost])}, ${share(node.costs[state.cost], state.all.costs[state.cost])} of all`;
}

// "allocator 71.0 %, libc 24.0 %, not drawn 5.0 %" of [name, cost] pairs.
function splitText(pairs, whole) {
	const known = pairs.filter(([, cost]) => cost > 0).sort((a, b) => b[1] - a[1]);
	const rest = whole - known.reduce((sum, [, cost]) => sum + cost, 0);
	if (known.length && rest > whole * 1e-9) known.push(['of frames not drawn', rest]);
	return known.map(([name, cost]) => `${name} ${share(cost, whole)}`).join(', ');
}

function regionText(state, node) {
	const width = node.costs.length;
	const regions = state.data.regions.map((name, region) => [name, node.regions[region * width + state.cost]]);
	return splitText(regions, node.costs[state.cost]);
}

function causeText(state, node) {
	const causes = new Map();
	forEachNode(node, (leaf) => {
		if (leaf.kind !== 'leaf') return;
		const name = state.data.causes[leaf.cause];
		causes.set(name, (causes.get(name) || 0) + leaf.costs[state.cost]);
	});
	return splitText([...causes], node.costs[state.cost]);
}

// "sort.c:12 (60 %), 15 (40 %)": the shares are of the faults of these lines.
function lineText(node) {
	const all = node.lines.reduce((sum, { faults }) => sum + (faults || 0), 0);
	const lines = node.lines.map(({ line, faults }) => (faults === null ? line : `${line} (${share(faults, all)} of the faults)`));
	if (!lines.length) return node.source;
	return node.source ? `${node.source}:${lines.join(', ')}` : `line ${lines.join(', ')}`;
}

function placeText(node) {
	const parts = [node.object, lineText(node)];
	if (node.inlined) parts.push('inlined into its caller');
	if (node.kernel) parts.push('kernel');
	return parts.filter(Boolean).join(' · ');
}

export function showDetails(state, panel, node) {
	panel.replaceChildren(element('b', node.name), element('p', costText(state, node)));
	if (node.kind === 'function' && placeText(node)) panel.append(element('p', placeText(node)));
	const regions = regionText(state, node);
	const causes = causeText(state, node);
	if (regions) panel.append(element('p', `Memory: ${regions}`));
	if (causes) panel.append(element('p', `Causes: ${causes}`));
}

export function frameLabel(state, node) {
	return `${node.name}: ${costText(state, node)}`;
}
