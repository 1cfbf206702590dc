// SPDX-License-Identifier: MIT
// Puts the page together: what is shown (state), and what each control changes of it.

import { Chart, heightOf } from '../common/chart.js';
import { colourKey, element, radio } from '../common/element.js';
import { VALUES, counts, share } from '../common/figures.js';
import { onlyRegion } from '../common/tree.js';
import { GROWTHS } from '../common/colours.js';
import { decodeTree } from './decode.js';
import { costText, frameLabel, showDetails } from '../common/details.js';
import { showFunctions } from '../common/functions.js';
import { lookOf } from '../common/look.js';

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId('data').textContent);

const state = {
	data,
	value: VALUES.findIndex(({ name }) => name === data.first),
	side: data.sides.length - 1,
	tree: 0,
	region: null, // only this one
	get cost() {
		return this.side * VALUES.length + this.value;
	},
};

const say = (text) => (byId('live').textContent = text);
const chart = new Chart(byId('chart'), lookOf(state, { details: byId('details'), found: byId('found'), say }));

function search(term) {
	byId('search').value = term;
	byId('found').textContent = '';
	chart.search(term);
}

// --- what is said above the graph ---

function fact(side, name) {
	const found = data.sides[side].facts.find(([key]) => key === name);
	return found ? found[1] : '';
}

function target(side) {
	return fact(side, 'command') || fact(side, 'target');
}

function showHeader() {
	const several = data.sides.length > 1;
	const title = several && target(0) !== target(1) ? `${target(0)} → ${target(1)}` : target(0);
	byId('title').textContent = title;
	document.title = `${title}: ${several ? 'differences' : 'flame graph'} - hakmem-trace`;
	byId('version').textContent = ` ${data.version}`;
	data.sides.forEach(({ cares }, side) => {
		for (const care of cares) byId('cares').append(element('li', several ? `${side ? 'After' : 'Before'}: ${care}` : care));
	});
	data.sides.forEach(({ facts }, side) => {
		const table = element('table');
		if (several) table.append(element('caption', side ? 'After' : 'Before'));
		for (const [name, text] of facts) {
			const line = element('tr');
			line.append(element('th', name), element('td', text));
			table.append(line);
		}
		byId('facts').append(table);
	});
}

// All of what is shown, in one sentence, and what of it isn't known.
function showAnswer() {
	const unknown = data.trees[state.tree].unknown[state.cost];
	const faults = state.all.costs[state.side * VALUES.length];
	let text = `${frameLabel(state, state.all).replace(/^all: /, '').replace(/, 100.0 % of all$/, '')}.`;
	text = text[0].toUpperCase() + text.slice(1);
	if (!(state.all.costs[state.cost] > 0)) text = `No stack has any ${VALUES[state.value].title}: there is nothing to draw.`;
	if (state.region !== null) text += ` Only ${data.regions[state.region]}: ${costText(state, state.root)}.`;
	if (data.sampled) text += ' How they divide among stacks is estimated from a sample.';
	if (unknown > 0 && VALUES[state.value].name !== 'faults')
		text += ` What ${share(unknown, faults)} of the faults have cost of it isn't known: they have no width.`;
	byId('answer').textContent = text;
}

function showLeft() {
	const tree = data.trees[state.tree];
	byId('left').textContent = tree.cut_count
		? `${counts.format(tree.cut_count)} frames, each under ${share(tree.least, 1)} of everything, are left out: they ` +
			`would be too narrow to see. What they cost is still in their callers' widths.`
		: '';
}

// --- the legend ---

function regionKey(name, region) {
	const width = state.all.costs.length;
	const cost = data.trees[state.tree].regions[region][state.cost];
	const key = colourKey(name, `${name} ${share(cost, state.all.costs[state.cost])}`, 'button');
	const pressed = state.region === region;
	key.type = 'button';
	key.title = pressed ? 'show all regions' : `show only what ends in ${name}`;
	key.setAttribute('aria-pressed', pressed);
	key.addEventListener('click', () => {
		state.region = pressed ? null : region;
		showTree();
	});
	return Array.from(state.all.regions.slice(region * width, (region + 1) * width)).some((sum) => sum > 0) ? key : null;
}

function showLegend() {
	if (data.sides.length > 1) {
		byId('legend').replaceChildren(...GROWTHS.map(({ name, title }) => colourKey(name, title)));
		return;
	}
	const keys = data.regions.map(regionKey).filter(Boolean);
	const pressed = document.activeElement && document.activeElement.parentElement === byId('legend');
	byId('legend').replaceChildren(...keys, colourKey('mixed', 'no region has half of it'));
	if (pressed) (byId('legend').querySelector('[aria-pressed="true"]') || byId('legend').querySelector('button')).focus();
}

// --- when something changes ---

function showFigures() {
	showAnswer();
	showLegend();
	showFunctions(state, byId('functions').querySelector('table'), search);
	showDetails(state, byId('details'), chart.zoom.data);
}

function treeRoot(index) {
	const tree = data.trees[index];
	tree.root = tree.root || decodeTree(data, tree);
	return tree.root;
}

function showTree() {
	state.all = treeRoot(state.tree);
	state.root = (state.region === null ? null : onlyRegion(state.all, state.region)) || state.all;
	byId('found').textContent = '';
	chart.draw(state.root);
	showLeft();
	showFigures();
}

function showWidths() {
	chart.redraw();
	showFigures();
}

// --- the controls ---

function isKnown(value) {
	const { unknown, regions } = data.trees[0];
	return data.sides.some((_, side) => {
		const first = side * VALUES.length;
		const faults = regions.reduce((sum, costs) => sum + costs[first], 0);
		return !(unknown[first + value] > 0) || unknown[first + value] < faults;
	});
}

function makeValues() {
	VALUES.forEach(({ title }, value) => {
		const known = isKnown(value);
		const input = radio(byId('values'), known ? title : `${title} (n/a)`, value === state.value, () => {
			state.value = value;
			showWidths();
		});
		input.disabled = !known;
	});
}

function makeChoices() {
	const codes = { touched: 'touched the memory', allocated: 'allocated it' };
	byId('sides').hidden = data.sides.length < 2;
	['before', 'after'].forEach((name, side) =>
		radio(byId('sides'), name, side === state.side, () => {
			state.side = side;
			showWidths();
		}),
	);
	byId('codes').hidden = data.trees.length < 2;
	data.trees.forEach(({ code }, tree) =>
		radio(byId('codes'), codes[code], tree === state.tree, () => {
			state.tree = tree;
			showTree();
		}),
	);
}

function reset() {
	search('');
	if (state.region !== null) {
		state.region = null;
		showTree();
	}
	chart.reset();
}

makeValues();
makeChoices();
byId('search').addEventListener('input', (event) => search(event.target.value));
byId('reset').addEventListener('click', reset);
byId('inverted').addEventListener('change', (event) => {
	chart.inverted = event.target.checked;
	chart.redraw();
});
showHeader();
// Of a graph that doesn't fit the window beside all else, what is wide should be seen first.
byId('inverted').checked = chart.inverted = heightOf(treeRoot(0)) > 0.75 * innerHeight;
showTree();
