// SPDX-License-Identifier: MIT
// The flame graph of a snapshot, or of what differs between two; with the details of a frame and a table of functions.

import { Chart } from '../common/chart.js';
import { GROWTHS, frameColour } from '../common/colours.js';
import { frameLabel, showDetails } from '../common/details.js';
import { colourKey, radio } from '../common/element.js';
import { VALUES, share } from '../common/figures.js';
import { showFunctions } from '../common/functions.js';
import { stackTree } from './stacks.js';

// Elements with the ids NAME-chart, NAME-details, NAME-values, NAME-note, NAME-search, NAME-found, NAME-legend, NAME-functions.
export class FlameView {
	constructor(name, byId, say) {
		this.part = (what) => byId(`${name}-${what}`);
		this.say = say;
		this.state = { value: 0, side: 0 };
		Object.defineProperty(this.state, 'cost', { get: () => this.state.side * VALUES.length + this.state.value });
		this.chart = new Chart(this.part('chart'), {
			cost: () => this.state.cost,
			colour: (node) => frameColour(this.state.data, node, this.state.value, this.state.side),
			label: (node) => frameLabel(this.state, node),
			shown: (node, aloud) => {
				showDetails(this.state, this.part('details'), node);
				if (aloud) say(this.part('details').innerText);
			},
			found: (sum) => {
				const { format } = VALUES[this.state.value];
				this.part('found').textContent = `found ${share(sum, this.state.all.costs[this.state.cost])}: ${format(sum)}`;
			},
			zoomed: (node) => {
				this.zoomedInto = node;
				say(node ? `zoomed into ${frameLabel(this.state, node)}` : 'all is shown');
			},
		});
		this.chart.inverted = true; // what is wide is seen first, however deep the stacks
		this.part('search').addEventListener('input', (event) => this.search(event.target.value));
		this.makeValues();
	}

	makeValues() {
		VALUES.forEach(({ title }, value) =>
			radio(this.part('values'), title, value === this.state.value, () => {
				this.state.value = value;
				if (!this.state.all) return;
				this.chart.redraw();
				this.figures();
			}),
		);
	}

	search(term) {
		this.part('search').value = term;
		this.part('found').textContent = '';
		if (this.state.all) this.chart.search(term);
	}

	// Somebody is reading it: not the moment to draw it anew.
	get busy() {
		const chart = this.part('chart');
		return Boolean(this.zoomedInto) || chart.matches(':hover') || chart.contains(document.activeElement);
	}

	// Snapshots that have stacks: one, or two whose costs are times `factors`.
	show(snapshots, factors) {
		const { root, unknown, data } = stackTree(snapshots, factors);
		Object.assign(this.state, { data, all: root, root, unknown, side: snapshots.length - 1 });
		this.zoomedInto = null;
		this.part('found').textContent = '';
		this.chart.draw(root);
		this.part('legend').replaceChildren(...(snapshots.length > 1 ? GROWTHS.map(({ name, title }) => colourKey(name, title)) : []));
		this.figures();
	}

	figures() {
		const { all, cost, side, data, unknown } = this.state;
		const faults = all.costs[side * VALUES.length];
		const notes = [];
		if (!(all.costs[cost] > 0)) notes.push(`No stack has any ${VALUES[this.state.value].title}: there is nothing to draw.`);
		if (data.sampled) notes.push('How figures divide among stacks is estimated from a sample.');
		if (unknown[cost] > 0) notes.push(`The cost of ${share(unknown[cost], faults)} of the faults isn't known: they have no width.`);
		this.part('note').textContent = notes.join(' ');
		showFunctions(this.state, this.part('functions'), (term) => this.search(term));
		showDetails(this.state, this.part('details'), this.chart.zoom.data);
	}
}
