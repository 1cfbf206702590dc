// SPDX-License-Identifier: MIT
// What was counted, slice after slice: as much as a chart can show, in bounded memory.
//
// A slice has start and end (ns since tracing began), own, traced and lost, and figures[region * FIGURES.length + figure].

import { REGIONS, known } from './regions.js';

// In the order of figures.js' VALUES.
export const FIGURES = ['faults', 'zeroed_bytes', 'fault_ns'];
const MOST_SLICES = 1500;

function slice(from) {
	const figures = new Float64Array(REGIONS.length * FIGURES.length);
	REGIONS.forEach((name, region) => {
		// What a slice doesn't mention has had nothing.
		const counts = from.regions[name];
		FIGURES.forEach((figure, i) => (figures[region * FIGURES.length + i] = counts ? known(counts[figure]) : 0));
	});
	return {
		number: from.number,
		start: from.start_ns,
		end: from.end_ns,
		own: known(from.own_ns),
		traced: known(from.traced_ns),
		lost: known(from.lost),
		lacks: from.lacks || [],
		figures,
	};
}

function merge(one, other) {
	return {
		number: other.number,
		start: one.start,
		end: other.end,
		own: one.own + other.own,
		traced: one.traced + other.traced,
		lost: one.lost + other.lost,
		lacks: [...new Set([...one.lacks, ...other.lacks])],
		figures: one.figures.map((figure, i) => figure + other.figures[i]),
	};
}

export class Slices {
	constructor(most = MOST_SLICES) {
		this.most = most;
		this.clear();
	}

	clear() {
		this.all = [];
	}

	get last() {
		return this.all[this.all.length - 1];
	}

	get number() {
		return this.last ? this.last.number : -1;
	}

	get start() {
		return this.all.length ? this.all[0].start : 0;
	}

	get end() {
		return this.last ? this.last.end : 0;
	}

	// The server's later word counts: what it has merged replaces its parts.
	add(from) {
		if (this.last && from.end_ns <= this.last.end) return;
		while (this.last && this.last.end > from.start_ns) this.all.pop();
		this.all.push(slice(from));
		if (this.all.length > this.most) this.thin();
	}

	// All but the newest quarter merge with their neighbours, to slices that a chart can still tell apart: half as many as fit, at
	// most, and never over a gap.
	thin() {
		const longest = (4 * (this.end - this.start)) / this.most;
		const newest = this.all.splice(Math.floor(0.75 * this.all.length));
		const thinned = [];
		for (const next of this.all) {
			const last = thinned[thinned.length - 1];
			if (last && last.end === next.start && next.end - last.start <= longest) thinned[thinned.length - 1] = merge(last, next);
			else thinned.push(next);
		}
		// Of a time with gaps everywhere the oldest go.
		this.all = [...thinned, ...newest].slice(-this.most);
	}

	// Those that end after `from` and begin before `to`, at most about `most` of them: neighbours merged.
	between(from, to, most = Infinity) {
		const least = (to - from) / most;
		const found = [];
		for (const next of this.all) {
			if (next.end <= from || next.start >= to) continue;
			const last = found[found.length - 1];
			if (last && last.end === next.start && last.end - last.start < least) found[found.length - 1] = merge(last, next);
			else found.push(next);
		}
		return found;
	}
}
