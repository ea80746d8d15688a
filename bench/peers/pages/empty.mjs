// The page without a tracker: what the others' figures are less.
globalThis.tracker = { pageView() {}, addToCart() {} }
