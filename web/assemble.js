// SPDX-License-Identifier: MIT
// Makes one file of a page: what its <link rel="stylesheet"> and <script src> name is put in their place, and nothing is
// left to be asked for. The page may run these scripts and no other: {hashes} becomes what a Content-Security-Policy knows
// them by. {licences} becomes the licences of all packages.
//
// Usage: node web/assemble.js PAGE PACKAGES OUTPUT
//   A src that begins with npm/ is a file of a package in the folder PACKAGES, any other one lies beside PAGE.
'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

function fail(message) {
	console.error(`assemble: error: ${message}`);
	process.exit(1);
}

function read(page, packages, name) {
	const file = name.startsWith('npm/') ? path.join(packages, name.slice(4)) : path.join(path.dirname(page), name);
	try {
		// Maps to the packages' own sources lead nowhere from here.
		return fs.readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/gm, '').trim();
	} catch (error) {
		return fail(`${page} needs ${name}: ${error.message}`);
	}
}

function escape(text) {
	return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

// Of packages with the same licence, one text. It needs no more than what every package has at its top.
function licences(packages) {
	const texts = new Map();
	for (const name of fs.readdirSync(packages).sort()) {
		const file = path.join(packages, name, 'LICENSE');
		if (name.startsWith('.')) continue;
		if (!fs.existsSync(file)) fail(`the package ${name} has no LICENSE`);
		const text = fs.readFileSync(file, 'utf8').trim();
		const { version } = JSON.parse(fs.readFileSync(path.join(packages, name, 'package.json'), 'utf8'));
		texts.set(text, [...(texts.get(text) || []), `${name} ${version}`]);
	}
	return [...texts].map(([text, names]) => `<h3>${names.join(', ')}</h3>\n<pre>${escape(text)}</pre>`).join('\n');
}

function assemble(page, packages) {
	const hashes = [];
	const html = fs
		.readFileSync(page, 'utf8')
		.replace(/<link rel="stylesheet" href="(.*?)">/g, (_, name) => `<style>\n${read(page, packages, name)}\n</style>`)
		.replace(/<script src="(.*?)"><\/script>/g, (_, name) => {
			const script = `\n${read(page, packages, name)}\n`;
			if (/<\/script|<!--/i.test(script)) fail(`${name} would end its own script element`);
			hashes.push(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
			return `<script>${script}</script>`;
		});
	return html.replace('{hashes}', () => hashes.join(' ')).replace('{licences}', () => licences(packages));
}

if (process.argv.length !== 5) fail('usage: node web/assemble.js PAGE PACKAGES OUTPUT');
const [page, packages, output] = process.argv.slice(2);
fs.writeFileSync(output, assemble(page, packages));
