// SPDX-License-Identifier: MIT
// The data's flat list of nodes as a tree of objects. loader/output/flame_data.c has the list's form.
//
// A node has costs[side * VALUES.length + value], and of them what each region has: regions[region * costs.length + ...].
'use strict';

const PART = { FUNCTION: 0, PROCESS: 1, LEAF: 2, CUT: 3 };

// Where it isn't known which code it was.
const NO_CODE = { touched: '[no stack]', allocated: '[allocation not known]' };

class FlameNode {
	constructor(kind, name, width) {
		this.kind = kind;
		this.name = name;
		this.costs = new Array(width).fill(0);
		this.children = [];
		this.text = name.toLowerCase();
	}
	add(costs) {
		for (let i = 0; i < costs.length; i++) this.costs[i] += costs[i];
	}
}

function decodeFunction(tree, part, width) {
	const [name, object, source, flags] = tree.places[part[2]];
	const node = new FlameNode('function', part[2] ? name : NO_CODE[tree.code], width);
	node.text = `${node.name}\n${object}\n${source}`.toLowerCase();
	Object.assign(node, { object, source, inlined: Boolean(flags & 1), kernel: Boolean(flags & 2), lines: [] });
	if (Array.isArray(part[3]))
		for (let i = 0; i < part[3].length; i += 2) node.lines.push({ line: part[3][i], faults: part[3][i + 1] });
	else if (part[3]) node.lines.push({ line: part[3], faults: null });
	return node;
}

function decodeLeaf(data, tree, part, width) {
	const detail = tree.strings[part[4]];
	const region = data.regions[part[2]];
	const node = new FlameNode('leaf', detail ? `${region}: ${detail}` : region, width);
	Object.assign(node, { region: part[2], cause: part[3] });
	node.add(part.slice(5));
	return node;
}

function decodePart(data, tree, part, width) {
	switch (part[1]) {
		case PART.FUNCTION:
			return decodeFunction(tree, part, width);
		case PART.PROCESS:
			return new FlameNode('process', `process ${tree.strings[part[2]]}`, width);
		default:
			return decodeLeaf(data, tree, part, width);
	}
}

// From the tips to the root: sums of costs, and whose they are.
function sumUp(node, regionCount) {
	const width = node.costs.length;
	node.regions = new Float64Array(regionCount * width);
	if (node.kind === 'leaf') node.regions.set(node.costs, node.region * width);
	for (const child of node.children) {
		sumUp(child, regionCount);
		node.add(child.costs);
		for (let i = 0; i < node.regions.length; i++) node.regions[i] += child.regions[i];
	}
}

function decodeTree(data, tree) {
	const width = data.sides.length * VALUES.length;
	const root = new FlameNode('all', 'all', width);
	const path = [root];
	for (const part of tree.nodes) {
		const parent = path[part[0] - 1];
		if (part[1] === PART.CUT) {
			parent.add(part.slice(2));
			continue;
		}
		const node = decodePart(data, tree, part, width);
		parent.children.push(node);
		path[part[0]] = node;
	}
	sumUp(root, data.regions.length);
	return root;
}

// The part of the tree that ends in one region; null when there is none. What was cut is in none.
function onlyRegion(node, region) {
	const width = node.costs.length;
	const costs = Array.from(node.regions.slice(region * width, (region + 1) * width));
	if (!costs.some((cost) => cost > 0)) return null;
	const copy = Object.assign(new FlameNode(node.kind, node.name, width), node, { costs });
	copy.regions = node.regions.map((cost, i) => (Math.floor(i / width) === region ? cost : 0));
	copy.children = node.children.map((child) => onlyRegion(child, region)).filter(Boolean);
	return copy;
}

function forEachNode(node, visit, parents = []) {
	visit(node, parents);
	parents.push(node);
	for (const child of node.children) forEachNode(child, visit, parents);
	parents.pop();
}
