// SPDX-License-Identifier: MIT
// Asks the server for the counts of a part of the time: one question at once, and none sooner than the server can bear.

const LEAST_PAUSE = 1000;
const PAUSE_FACTOR = 3; // of how long an answer took

export class Snapshots {
	// `got(snapshot, range)` has the answer, `failed(text)` why there is none. A range is {from, to} in ns, or null: everything.
	constructor(got, failed) {
		this.got = got;
		this.failed = failed;
		this.range = null;
		this.pause = LEAST_PAUSE;
	}

	// At once, whatever was asked before.
	now(range) {
		if (this.asking) this.asking.abort();
		clearTimeout(this.timer);
		this.timer = null;
		this.ask(range);
	}

	// Soon: the same question has a new answer.
	soon(range) {
		this.range = range;
		if (this.timer || this.asking) {
			this.wanted = true;
			return;
		}
		this.ask(range);
	}

	async ask(range) {
		const asking = new AbortController();
		const begin = performance.now();
		this.range = range;
		this.asking = asking;
		this.wanted = false;
		try {
			const query = range ? `?from_ns=${Math.round(range.from)}&to_ns=${Math.round(range.to)}` : '';
			const answer = await fetch(`api/snapshot${query}`, { signal: asking.signal });
			// Nothing is counted yet, or there is no room just now.
			if (answer.status === 503) this.wanted = true;
			if (!answer.ok) throw new Error(`the server says: ${(await answer.text()).trim()}`);
			this.got(await answer.json(), range);
		} catch (error) {
			if (!asking.signal.aborted) this.failed(error.message);
		}
		if (this.asking !== asking) return;
		this.asking = null;
		this.pause = Math.max(LEAST_PAUSE, PAUSE_FACTOR * (performance.now() - begin));
		this.timer = setTimeout(() => {
			this.timer = null;
			if (this.wanted) this.ask(this.range);
		}, this.pause);
	}
}
