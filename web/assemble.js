// SPDX-License-Identifier: MIT
// Makes one file of a page: what its <link rel="stylesheet"> and <script type="module" src> name, with all that they import,
// is put in their place, and nothing is left to be asked for. The page may run these scripts, have these styles, and no
// others: {scripts} and {styles} become what a Content-Security-Policy knows them by. {licences} becomes the licences of all
// packages in the page. What the policy is comes into a file of its own too: a server sends it as a header.
//
// Usage: node web/assemble.js PAGE PACKAGES OUTPUT [POLICY]
//   A name that begins with npm/ is a file of a package in the folder PACKAGES, any other one lies beside PAGE.
'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

function fail(message) {
	console.error(`assemble: error: ${message}`);
	process.exit(1);
}

function escape(text) {
	return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

function hashOf(text) {
	return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

class Assembler {
	constructor(page, packages) {
		this.page = page;
		this.packages = path.resolve(packages);
		this.used = new Set(); // names of packages
		this.hashes = { script: [], style: [] };
		this.esbuild = require(path.join(this.packages, 'esbuild'));
	}

	file(name) {
		if (!name.startsWith('npm/')) return path.join(path.dirname(this.page), name);
		this.use(path.join(this.packages, name.slice(4)));
		return path.join(this.packages, name.slice(4));
	}

	// A scope is a part of a package's name.
	use(file) {
		const parts = path.relative(this.packages, path.resolve(file)).split(path.sep);
		if (parts[0] !== '..') this.used.add(parts[0].startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]);
	}

	element(name, text) {
		const content = `\n${text.trim()}\n`;
		if (new RegExp(`</${name}|<!--`, 'i').test(content)) fail(`a ${name} of ${this.page} would end its own element`);
		this.hashes[name].push(hashOf(content));
		return `<${name}>${content}</${name}>`;
	}

	// The same modules give the same bytes: no name or path of this machine is in them.
	script(name) {
		const { outputFiles, metafile } = this.esbuild.buildSync({
			entryPoints: [this.file(name)],
			nodePaths: [this.packages],
			bundle: true,
			format: 'iife',
			target: 'es2022',
			minify: true,
			charset: 'ascii',
			legalComments: 'none', // the page has the licences' whole texts
			loader: { '.css': 'empty' }, // a page names its styles itself
			logLevel: 'warning',
			metafile: true,
			write: false,
		});
		for (const file of Object.keys(metafile.inputs)) this.use(file);
		return this.element('script', outputFiles[0].text);
	}

	style(name) {
		const text = fs.readFileSync(this.file(name), 'utf8');
		return this.element('style', this.esbuild.transformSync(text, { loader: 'css', minify: true, target: 'es2022' }).code);
	}

	// Of packages with the same licence, one text. It needs no more than what every package has at its top.
	licences() {
		const texts = new Map();
		for (const name of [...this.used].sort()) {
			const folder = path.join(this.packages, name);
			if (!fs.existsSync(path.join(folder, 'LICENSE'))) fail(`the package ${name} has no LICENSE`);
			const text = fs.readFileSync(path.join(folder, 'LICENSE'), 'utf8').trim();
			const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
			texts.set(text, [...(texts.get(text) || []), `${name} ${version}`]);
		}
		return [...texts].map(([text, names]) => `<h3>${names.join(', ')}</h3>\n<pre>${escape(text)}</pre>`).join('\n');
	}

	html() {
		return fs
			.readFileSync(this.page, 'utf8')
			.replace(/<link rel="stylesheet" href="(.*?)">/g, (_, name) => this.style(name))
			.replace(/<script type="module" src="(.*?)"><\/script>/g, (_, name) => this.script(name))
			.replace('{scripts}', () => this.hashes.script.join(' '))
			.replace('{styles}', () => this.hashes.style.join(' '))
			.replace('{licences}', () => this.licences());
	}
}

const [page, packages, output, policy] = process.argv.slice(2);
if (!output) fail('usage: node web/assemble.js PAGE PACKAGES OUTPUT [POLICY]');
const html = new Assembler(page, packages).html();
fs.writeFileSync(output, html);
if (policy) fs.writeFileSync(policy, /http-equiv="Content-Security-Policy" content="(.*?)"/.exec(html)[1]);
