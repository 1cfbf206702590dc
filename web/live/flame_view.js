// SPDX-License-Identifier: MIT
// The flame graph of a snapshot, or of what differs between two; with the details of a frame and a table of functions.

import { Chart } from '../common/chart.js';
import { GROWTHS } from '../common/colours.js';
import { showDetails } from '../common/details.js';
import { colourKey, radio } from '../common/element.js';
import { VALUES, share } from '../common/figures.js';
import { showFunctions } from '../common/functions.js';
import { lookOf } from '../common/look.js';
import { stackTree } from './stacks.js';

// Elements with the ids NAME-chart, NAME-details, NAME-values, NAME-note, NAME-search, NAME-found, NAME-legend, NAME-functions.
export class FlameView {
	constructor(name, byId, say) {
		this.part = (what) => byId(`${name}-${what}`);
		this.state = { value: 0, side: 0 };
		Object.defineProperty(this.state, 'cost', { get: () => this.state.side * VALUES.length + this.state.value });
		this.chart = new Chart(this.part('chart'), lookOf(this.state, { details: this.part('details'), found: this.part('found'), say }));
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
		return this.chart.isZoomed || chart.matches(':hover') || chart.contains(document.activeElement);
	}

	// Snapshots that have stacks: one, or two whose costs are times `factors`.
	show(snapshots, factors) {
		const { root, unknown, data } = stackTree(snapshots, factors);
		Object.assign(this.state, { data, all: root, root, unknown, side: snapshots.length - 1 });
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
