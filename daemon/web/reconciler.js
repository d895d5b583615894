/**
 * Brings something to a state one step at a time. What is wanted may change during a step, so
 * nothing that was compared before a step counts behind it: `next` is asked again after each. It
 * looks at what is wanted and at what is, and returns the promise of the one step to take now, or
 * null when there is none. A step deals with its own failure, in a way that leaves less to do.
 */
export class Reconciler {
  #next;
  #run = null;

  constructor(next) {
    this.#next = next;
  }

  /** What is wanted or what is has changed. Never two steps at once. */
  look() {
    if (!this.#run) this.#work();
  }

  /** What the steps worked on is another now, and the one under way may never end. */
  restart() {
    this.#run = null;
    this.#work();
  }

  async #work() {
    const run = this.#run = {};
    try {
      for (let step; run === this.#run && (step = this.#next());) await step;
    } finally {
      if (run === this.#run) this.#run = null;
    }
  }
}
