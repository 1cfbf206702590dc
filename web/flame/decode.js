// SPDX-License-Identifier: MIT
// The data's flat list of nodes as a tree of objects. loader/output/flame_data.c has the list's form.
//
// A node's costs are costs[side * VALUES.length + value].

import { VALUES } from '../common/figures.js';
import { FlameNode, sumUp } from '../common/tree.js';

const PART = { FUNCTION: 0, PROCESS: 1, LEAF: 2, CUT: 3 };

// Where it isn't known which code it was.
const NO_CODE = { touched: '[no stack]', allocated: '[allocation not known]' };

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

export function decodeTree(data, tree) {
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
