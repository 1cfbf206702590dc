// SPDX-License-Identifier: MIT
// What every function costs, by itself and with what it calls: the graph as a table, for those who can't see it too.

import { element } from './element.js';
import { VALUES, change, share } from './figures.js';
import { forEachNode } from './tree.js';

const MOST_FUNCTIONS = 40;

// A function that calls itself counts once a stack.
function sumFunctions(root) {
	const functions = new Map();
	const width = root.costs.length;
	forEachNode(root, (node, parents) => {
		if (node.kind !== 'function') return;
		const key = `${node.name}\0${node.object}`;
		if (!functions.has(key))
			functions.set(key, { name: node.name, object: node.object, own: new Array(width).fill(0), all: new Array(width).fill(0) });
		const sums = functions.get(key);
		const again = parents.some((parent) => parent.kind === 'function' && parent.name === node.name && parent.object === node.object);
		for (const leaf of node.children) if (leaf.kind === 'leaf') for (let i = 0; i < width; i++) sums.own[i] += leaf.costs[i];
		if (!again) for (let i = 0; i < width; i++) sums.all[i] += node.costs[i];
	});
	return [...functions.values()];
}

function headings(state) {
	if (state.data.sides.length > 1) return ['before, itself', 'after', 'change', 'before, with callees', 'after', 'change'];
	return ['itself', '%', 'with callees', '%'];
}

function cells(state, costs) {
	const width = VALUES.length;
	const { format } = VALUES[state.value];
	if (state.data.sides.length > 1) {
		const [before, after] = [costs[state.value], costs[width + state.value]];
		return [format(before), format(after), change(before, after)];
	}
	return [format(costs[state.cost]), share(costs[state.cost], state.all.costs[state.cost])];
}

// By what is to be seen first: the most expensive, or what changed the most.
function weight(state, { own }) {
	if (state.data.sides.length > 1) return Math.abs(own[VALUES.length + state.value] - own[state.value]);
	return own[state.cost];
}

function row(state, sums, search) {
	const made = element('tr');
	const name = element('th');
	const button = element('button', sums.name);
	button.type = 'button';
	button.title = 'find in the graph';
	button.addEventListener('click', () => search(sums.name));
	name.scope = 'row';
	name.append(button);
	made.append(name, element('td', sums.object));
	for (const text of [...cells(state, sums.own), ...cells(state, sums.all)]) made.append(element('td', text, 'n'));
	return made;
}

export function showFunctions(state, table, search) {
	const several = state.data.sides.length > 1;
	const functions = sumFunctions(state.root).sort((a, b) => weight(state, b) - weight(state, a));
	const shown = functions.slice(0, MOST_FUNCTIONS);
	const head = element('tr');
	for (const text of ['function', 'object', ...headings(state)]) {
		const cell = element('th', text, head.childElementCount > 1 ? 'n' : '');
		cell.scope = 'col';
		head.append(cell);
	}
	table.tHead.replaceChildren(head);
	table.tBodies[0].replaceChildren(...shown.map((sums) => row(state, sums, search)));
	table.caption.textContent =
		`${VALUES[state.value].title}${state.data.sampled ? ' (estimates)' : ''}: ${shown.length} of ${functions.length} functions, ` +
		`${several ? 'those that changed most by themselves' : 'those that cost most by themselves'} first.`;
}
