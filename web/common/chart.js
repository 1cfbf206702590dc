// SPDX-License-Identifier: MIT
// The graph itself, drawn by d3-flame-graph; and what that has none of: going from frame to frame by keyboard.

import flamegraph from 'd3-flame-graph';
import { select } from 'd3-selection';
import { forEachNode } from './tree.js';

const CELL_HEIGHT = 18;

// In pixels, with the room that the library leaves.
export function heightOf(root) {
	let deepest = 0;
	forEachNode(root, (_, parents) => (deepest = Math.max(deepest, parents.length)));
	return (deepest + 3) * CELL_HEIGHT;
}

export class Chart {
	// `look` says which cost is the width, the colours, labels and what happens: {cost, colour, label, shown, zoomed}.
	constructor(element, look) {
		this.element = element;
		this.look = look;
		this.inverted = false;
		this.current = null;
		this.term = '';
		element.addEventListener('keydown', (event) => this.key(event));
		new ResizeObserver(() => this.resize()).observe(element);
	}

	draw(root) {
		const cost = (item) => (item.data || item).costs[this.look.cost()];
		if (this.graph) this.graph.destroy();
		// The library leaves notes of its zoom in the data.
		forEachNode(root, (node) => Object.assign(node, { hide: false, fade: false }));
		this.graph = flamegraph()
			.width(this.width())
			.cellHeight(CELL_HEIGHT)
			.minFrameSize(1.5)
			.transitionDuration(matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150)
			.inverted(this.inverted)
			.getName((d) => d.data.name)
			.getValue(cost)
			.setLabelHandler((d) => this.look.label(d.data))
			.setDetailsHandler(() => {})
			.setColorMapper((d) => (d.highlight ? 'var(--match)' : this.look.colour(d.data)))
			.setSearchMatch((d, term) => d.data.text.includes(term))
			.setSearchHandler((_, sum) => this.look.found(sum))
			.onHover((d) => this.look.shown(d.data))
			.onClick((d) => this.zoomed(d));
		this.selection = select(this.element).datum(root).call(this.graph);
		this.root = this.selection.datum();
		this.current = this.root;
		this.zoom = this.root;
		if (this.term) this.search(this.term);
	}

	width() {
		return Math.max(this.element.clientWidth, 200);
	}

	resize() {
		if (this.graph && this.graph.width() !== this.width()) {
			this.graph.width(this.width());
			this.redraw();
		}
	}

	redraw() {
		this.graph.inverted(this.inverted);
		if (this.term) this.search(this.term); // draws, too
		else this.graph.update();
		this.mark();
	}

	search(term) {
		this.term = term.trim().toLowerCase();
		this.element.classList.toggle('searching', this.term !== '');
		if (this.term) this.graph.search(this.term);
		else this.graph.clear();
		this.mark();
	}

	zoomed(d) {
		this.current = d;
		this.zoom = d;
		this.mark();
		this.look.shown(d.data);
		this.look.zoomed(d === this.root ? null : d.data);
	}

	get isZoomed() {
		return this.zoom !== this.root;
	}

	reset() {
		this.graph.resetZoom();
	}

	// The frame that the keyboard is at has a border.
	mark() {
		this.selection.selectAll('g.frame').classed('current', (d) => d === this.current && d !== this.root);
	}

	move(to) {
		if (!to || !(to.x1 > to.x0)) return;
		this.current = to;
		this.mark();
		this.look.shown(to.data, true);
		const frame = this.selection.selectAll('g.current').node();
		if (frame) frame.scrollIntoView({ block: 'nearest' });
	}

	// Among the frames of one caller, that can be seen.
	sibling(step) {
		const all = this.current.parent ? this.current.parent.children.filter((d) => d.x1 > d.x0) : [];
		return all[all.indexOf(this.current) + step];
	}

	callee() {
		const children = this.current.children || [];
		return children.reduce((widest, d) => (!widest || d.x1 - d.x0 > widest.x1 - widest.x0 ? d : widest), null);
	}

	key(event) {
		const up = () => this.move(this.inverted ? this.current.parent : this.callee());
		const down = () => this.move(this.inverted ? this.callee() : this.current.parent);
		const keys = {
			ArrowUp: up,
			ArrowDown: down,
			ArrowLeft: () => this.move(this.sibling(-1)),
			ArrowRight: () => this.move(this.sibling(1)),
			Home: () => this.move(this.root),
			Enter: () => this.graph.zoomTo(this.current),
			' ': () => this.graph.zoomTo(this.current),
			Escape: () => this.reset(),
		};
		if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
		event.preventDefault();
		keys[event.key]();
	}
}
