// SPDX-License-Identifier: MIT
// For exports.sh.
//   exports.js valid TOOLS FILE    is the file as speedscope's published schema has it?
//   exports.js load FILE >SCRIPT   the script by which speedscope's page is given a file (its own command does it so)
'use strict';

const fs = require('node:fs');
const path = require('node:path');

function valid(tools, file) {
	const Ajv = require(path.resolve(tools, 'node_modules/ajv'));
	const schema = path.resolve(tools, 'node_modules/speedscope/dist/release/file-format-schema.json');
	const check = new Ajv({ strict: false }).compile(JSON.parse(fs.readFileSync(schema)));

	if (check(JSON.parse(fs.readFileSync(file)))) return;
	console.log(check.errors);
	process.exit(1);
}

function load(file) {
	const bytes = JSON.stringify(fs.readFileSync(file).toString('base64'));

	// An alert would wait for somebody who closes it.
	console.log('window.alert = (words) => console.log("alert: " + words);');
	console.log(`speedscope.loadFileFromBase64(${JSON.stringify(path.basename(file))}, ${bytes});`);
}

const [, , what, ...rest] = process.argv;
({ valid, load })[what](...rest);
