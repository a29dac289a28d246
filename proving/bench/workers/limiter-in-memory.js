/**
 * What a rate limit binding does on the platform: it counts in the memory of the machine that runs the Worker, so that asking it takes
 * no time to speak of. Runs beside the Worker in its isolate; Miniflare hands it the binding's own limit and period (seconds).
 * @see https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/
 */
class RateLimiter {
  #limit;
  #periodMs;
  #period = 0;
  #counts = new Map();

  constructor({ limit, period }) {
    this.#limit = limit;
    this.#periodMs = period * 1000;
  }

  async limit({ key }) {
    const period = Math.floor(Date.now() / this.#periodMs);
    if (period !== this.#period) this.#counts.clear();
    this.#period = period;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return { success: count <= this.#limit };
  }
}

export default (env) => new RateLimiter(env);
