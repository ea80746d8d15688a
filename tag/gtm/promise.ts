/**
 * The promises of sandboxed JavaScript, settled at once: a scenario asserts right after `runCode`, and in GTM what a
 * mocked request answers has been dealt with by then.
 */
type Settled = { ok: boolean; value: unknown }
type Handler = ((value: unknown) => unknown) | undefined

export class InstantPromise {
  #settled: Settled | undefined
  #waiting: ((settled: Settled) => void)[] = []

  constructor(start: (resolve: (value?: unknown) => void, reject: (reason?: unknown) => void) => void) {
    const reject = (reason?: unknown) => this.#settle({ ok: false, value: reason })
    const resolve = (value?: unknown) => {
      if (value instanceof InstantPromise) value.#hear(settled => this.#settle(settled))
      else this.#settle({ ok: true, value })
    }
    start(resolve, reject)
  }

  // biome-ignore lint/suspicious/noThenProperty: it is what makes it a promise
  then(ifResolved?: Handler, ifRejected?: Handler): InstantPromise {
    return new InstantPromise((resolve, reject) =>
      this.#hear(({ ok, value }) => {
        const handler = ok ? ifResolved : ifRejected
        if (typeof handler === 'function') resolve(handler(value))
        else if (ok) resolve(value)
        else reject(value)
      }),
    )
  }

  catch(ifRejected: Handler): InstantPromise {
    return this.then(undefined, ifRejected)
  }

  finally(last: () => void): InstantPromise {
    const pass = (value: unknown) => {
      last()
      return value
    }
    return this.then(pass, reason => {
      last()
      return new InstantPromise((_, reject) => reject(reason))
    })
  }

  #settle(settled: Settled) {
    if (this.#settled) return
    this.#settled = settled
    for (const hear of this.#waiting.splice(0)) hear(settled)
  }

  #hear(hear: (settled: Settled) => void) {
    if (this.#settled) hear(this.#settled)
    else this.#waiting.push(hear)
  }
}

/** `require('Promise')`. */
export const promises = {
  create: (start: ConstructorParameters<typeof InstantPromise>[0]) => new InstantPromise(start),
  all: (given: readonly unknown[]) =>
    new InstantPromise((resolve, reject) => {
      const values: unknown[] = []
      let left = given.length
      if (!left) resolve(values)
      given.forEach((each, i) => {
        new InstantPromise(done => done(each)).then(value => {
          values[i] = value
          left--
          if (!left) resolve(values)
        }, reject)
      })
    }),
}
