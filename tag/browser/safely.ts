/** Whatever goes wrong in here is not the page's trouble. */
export const safely =
  <T extends unknown[]>(action: (...given: T) => void) =>
  (...given: T): void => {
    try {
      action(...given)
    } catch {}
  }
