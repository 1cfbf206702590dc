// SPDX-License-Identifier: MIT
// What the server tells as it happens: its history first, then each slice. It connects again by itself, asks for what it missed,
// and begins anew when another run answers.

const FIRST_RETRY = 500;
const LONGEST_RETRY = 4000;
const SILENCE = 45000; // after which somebody asks whether the server is still there

export class Feed {
	// `told` is what to do: {began(about), slice(), ended(), state(name)}; states: connecting, live, lost, refused (for want of a
	// token), resting.
	constructor(slices, told) {
		this.slices = slices;
		this.told = told;
		this.run = null;
		this.retry = FIRST_RETRY;
		this.missed = null; // events that wait for what was before them
		this.heard = Date.now();
		setInterval(() => this.listen(), SILENCE / 3);
	}

	async start() {
		const turn = (this.turn = (this.turn || 0) + 1);
		this.told.state('connecting');
		try {
			await this.catchUp();
		} catch (error) {
			if (turn === this.turn) this.again(error.refused);
			return;
		}
		if (this.resting || turn !== this.turn) return;
		this.retry = FIRST_RETRY;
		this.source = new EventSource(`api/stream`);
		this.source.addEventListener('slice', (event) => this.event(JSON.parse(event.data)));
		this.source.addEventListener('end', (event) => JSON.parse(event.data).run === this.run && this.told.ended());
		this.source.addEventListener('open', () => this.open());
		this.source.addEventListener('error', () => this.broken());
	}

	// What came since the last slice, or everything.
	async catchUp() {
		const after = this.run === null || this.slices.number < 0 ? '' : `?after=${this.slices.number}`;
		const answer = await fetch(`api/history${after}`, { signal: AbortSignal.timeout(20000) });
		if (!answer.ok) throw Object.assign(new Error(`the server answers ${answer.status}`), { refused: answer.status === 401 });
		const history = await answer.json();
		this.heard = Date.now();
		if (history.run !== this.run) {
			const before = this.run;
			this.run = history.run;
			this.slices.clear();
			this.told.began(history);
			// What came after a slice of the run before is not all of this one.
			if (before !== null && after) return this.catchUp();
		}
		for (const slice of history.slices) this.slices.add(slice);
		this.told.slice();
		if (history.ended) this.told.ended();
	}

	open() {
		this.told.state('live');
		// Between the history and the stream's begin, or while there was no connection, something may have happened.
		this.fill();
	}

	event(slice) {
		this.heard = Date.now();
		if (this.missed) {
			this.missed.push(slice);
		} else if (slice.run !== this.run || (slice.first ?? slice.number) > this.slices.number + 1) {
			this.missed = [slice];
			this.fill();
		} else {
			this.take(slice);
		}
	}

	take(slice) {
		if (slice.run !== this.run) return;
		this.slices.add(slice);
		this.told.slice();
		if (slice.ended) this.told.ended();
	}

	async fill() {
		this.missed = this.missed || [];
		if (this.filling) return;
		this.filling = true;
		try {
			await this.catchUp();
			for (const slice of this.missed) this.take(slice);
		} catch (error) {
			this.lose(error.refused);
		}
		this.missed = null;
		this.filling = false;
	}

	// The browser itself connects again, unless the server answered with an error.
	broken() {
		if (this.source.readyState === EventSource.CLOSED) this.lose();
		else this.told.state('lost');
	}

	lose(refused) {
		if (this.source) this.source.close();
		this.source = null;
		this.again(refused);
	}

	again(refused) {
		if (this.resting) return;
		this.told.state(refused ? 'refused' : 'lost');
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.start(), this.retry);
		this.retry = Math.min(2 * this.retry, LONGEST_RETRY);
	}

	// Lets go of the connection, until wake().
	rest() {
		this.resting = true;
		clearTimeout(this.timer);
		if (this.source) this.source.close();
		this.source = null;
		this.told.state('resting');
	}

	wake() {
		if (!this.resting) return;
		this.resting = false;
		this.start();
	}

	// A connection can be dead without anybody saying so.
	listen() {
		if (this.source && Date.now() - this.heard > SILENCE) this.fill();
	}
}
