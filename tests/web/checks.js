// SPDX-License-Identifier: MIT
// Checks of tests in node, printed as tests/system/check.inc prints them; checks.inc adds them up.
'use strict';

let failures = 0;

function check(what, is, expected) {
	const passed = expected instanceof RegExp ? expected.test(is) : is === expected;
	if (!passed) failures++;
	console.log(passed ? `ok   ${what}` : `FAIL ${what}\n     is '${is}', not '${expected}'`);
}

// Runs the tests; the exit status says whether all passed.
async function conclude(tests) {
	try {
		await tests();
	} catch (error) {
		failures++;
		console.log(`FAIL ${error.stack}`);
	}
	process.exit(failures ? 1 : 0);
}

module.exports = { check, conclude };
