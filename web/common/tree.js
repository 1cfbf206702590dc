// SPDX-License-Identifier: MIT
// A tree of stacks: what each function, with all that it calls, costs.
//
// A node has costs[], and of them what each region has: regions[region * costs.length + ...].

export class FlameNode {
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

// From the tips to the root: sums of costs, and whose they are.
export function sumUp(node, regionCount) {
	const width = node.costs.length;
	node.regions = new Float64Array(regionCount * width);
	if (node.kind === 'leaf') node.regions.set(node.costs, node.region * width);
	for (const child of node.children) {
		sumUp(child, regionCount);
		node.add(child.costs);
		for (let i = 0; i < node.regions.length; i++) node.regions[i] += child.regions[i];
	}
}

// The part of the tree that ends in one region; null when there is none. What was cut is in none.
export function onlyRegion(node, region) {
	const width = node.costs.length;
	const costs = Array.from(node.regions.slice(region * width, (region + 1) * width));
	if (!costs.some((cost) => cost > 0)) return null;
	const copy = Object.assign(new FlameNode(node.kind, node.name, width), node, { costs });
	copy.regions = node.regions.map((cost, i) => (Math.floor(i / width) === region ? cost : 0));
	copy.children = node.children.map((child) => onlyRegion(child, region)).filter(Boolean);
	return copy;
}

export function forEachNode(node, visit, parents = []) {
	visit(node, parents);
	parents.push(node);
	for (const child of node.children) forEachNode(child, visit, parents);
	parents.pop();
}
