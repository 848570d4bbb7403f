// Where live is, judged from what has arrived and when, and what a player does to stay near it. All times are in seconds.

/** Behind by more than SLOW one plays faster until FAST is reached; behind by more than FAR one jumps. */
const FAST = 0.9;
const SLOW = 1.3;
const FAR = 6;
const CATCH_UP = 1.08;
const CATCH_UP_FAR = 1.25;

/** With less than this ahead, speed would only bring a standstill. */
const LEAST_AHEAD = 0.3;

/** The newest data judge: clocks of publishers drift. */
const WINDOW = 20;

export class LiveEdge {
  constructor() {
    this.reset();
  }

  reset() {
    this.marks = [];
  }

  /** Media up to `end` has arrived by `now`: live is at least there, and moves on as time does, even when nothing arrives. */
  heard(end, now) {
    const offset = end - now;
    this.marks = this.marks.filter((mark) => now - mark.now < WINDOW && mark.offset > offset);
    this.marks.push({ now, offset });
  }

  /** How far `position` is behind live. */
  latency(position, now) {
    if (!this.marks.length) return 0;
    return Math.max(0, this.marks[0].offset + now - position);
  }

  /** {jump, rate}: rate stays between the two bounds, so that it does not flutter. */
  decide(latency, ahead, rate) {
    if (latency > FAR && ahead > FAST) return { jump: true, rate: 1 };
    if (ahead < LEAST_AHEAD || latency < FAST) return { jump: false, rate: 1 };
    if (latency > 2 * SLOW) return { jump: false, rate: CATCH_UP_FAR };
    return { jump: false, rate: latency > SLOW || rate > 1 ? CATCH_UP : 1 };
  }
}
