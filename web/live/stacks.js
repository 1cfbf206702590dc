// SPDX-License-Identifier: MIT
// Snapshots' stacks (docs/json.md) as the tree that a flame graph draws: of one snapshot, or of two side by side.

import { VALUES } from '../common/figures.js';
import { FlameNode, sumUp } from '../common/tree.js';
import { REGIONS } from './regions.js';
import { FIGURES } from './slices.js';

class Tree {
	constructor(snapshots) {
		this.width = snapshots.length * VALUES.length;
		this.root = new FlameNode('all', 'all', this.width);
		this.causes = [];
		this.unknown = new Array(this.width).fill(0); // faults whose cost isn't known
		const processes = new Set(snapshots.flatMap(({ stacks }) => stacks.map(({ pid }) => pid)));
		this.several = processes.size > 1;
		this.children = new Map([[this.root, new Map()]]);
	}

	child(parent, kind, key, name) {
		const children = this.children.get(parent);
		let node = children.get(key);
		if (!node) {
			node = new FlameNode(kind, name, this.width);
			children.set(key, node);
			this.children.set(node, new Map());
			parent.children.push(node);
		}
		return node;
	}

	functionOf(parent, stack, frame, faults) {
		const name = stack.frames[frame];
		const object = (stack.objects && stack.objects[frame]) || '';
		const node = this.child(parent, 'function', `f${name}\0${object}`, name);
		const [, source, line] = /^(.*):(\d+)$/.exec((stack.lines && stack.lines[frame]) || '') || [null, '', null];
		if (!node.lines) {
			Object.assign(node, { object, source, lines: [], inlined: Boolean(stack.inlined && stack.inlined[frame]) });
			node.kernel = Boolean(stack.kernel && stack.kernel[frame]);
			node.text = `${name}\n${object}\n${source}`.toLowerCase();
		}
		if (line === null) return node;
		const before = node.lines.find((other) => other.line === line);
		if (before) before.faults += faults;
		else node.lines.push({ line, faults });
		return node;
	}

	leafOf(parent, stack) {
		const name = stack.detail ? `${stack.region}: ${stack.detail}` : stack.region;
		const leaf = this.child(parent, 'leaf', `l${stack.region}\0${stack.detail}\0${stack.cause}`, name);
		let cause = this.causes.indexOf(stack.cause);
		if (cause < 0) cause = this.causes.push(stack.cause) - 1;
		return Object.assign(leaf, { region: Math.max(REGIONS.indexOf(stack.region), 0), cause });
	}

	add(stack, side, factor) {
		const faults = (stack.faults || 0) * factor;
		let node = this.root;
		if (this.several) {
			const who = stack.pid === null ? 'not known' : `${stack.comm} ${stack.pid}`;
			node = this.child(node, 'process', `p${who}`, `process ${who}`);
		}
		if (!stack.frames.length)
			node = Object.assign(this.child(node, 'function', 'n', '[no stack]'), { object: '', source: '', lines: [] });
		for (let frame = stack.frames.length - 1; frame >= 0; frame--) node = this.functionOf(node, stack, frame, faults);
		const leaf = this.leafOf(node, stack);
		FIGURES.forEach((figure, i) => {
			const cost = side * VALUES.length + i;
			if (stack[figure] === null) this.unknown[cost] += faults;
			else leaf.costs[cost] += stack[figure] * factor;
		});
	}
}

// Costs times `factors`: of two snapshots of different times, what each has in a second.
export function stackTree(snapshots, factors = snapshots.map(() => 1)) {
	const tree = new Tree(snapshots);
	snapshots.forEach(({ stacks }, side) => stacks.forEach((stack) => tree.add(stack, side, factors[side])));
	tree.children.clear();
	sortLines(tree.root);
	sumUp(tree.root, REGIONS.length);
	const sampled = snapshots.some(({ stack_sampling: sampling }) => sampling && sampling.sampled);
	return { root: tree.root, unknown: tree.unknown, data: { sides: snapshots, regions: REGIONS, causes: tree.causes, sampled } };
}

function sortLines(node) {
	if (node.lines) node.lines.sort((a, b) => b.faults - a.faults);
	node.children.forEach(sortLines);
}
