// https://www.rudderstack.com/docs/sources/event-streams/sdks/rudderstack-javascript-sdk/load-js-sdk/
import { RudderAnalytics } from '@rudderstack/analytics-js/lite'

const { collector, batch, stores } = globalThis.job
const analytics = new RudderAnalytics()

// The control plane's answer, so that nothing is asked of the internet: a source without device-mode destinations.
const source = { id: 'shop', name: 'shop', enabled: true, config: {}, destinations: [], workspaceId: 'bench' }

analytics.load('bench', collector, {
  getSourceConfig: () => ({ source, updatedAt: '2026-01-01T00:00:00.000Z' }),
  ...(batch && { queueOptions: { batch: { enabled: true, maxItems: batch, flushInterval: 3000 } } }),
  ...(!stores && { storage: { type: 'none' } }),
})

globalThis.tracker = {
  ready: new Promise(done => {
    analytics.ready(done)
  }),
  pageView: () => analytics.page(),
  addToCart: ({ id, ...product }) => analytics.track('Product Added', { product_id: id, currency: 'BRL', ...product }),
}
