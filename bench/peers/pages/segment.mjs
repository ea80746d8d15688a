// https://segment.com/docs/connections/sources/catalog/libraries/website/javascript/
import { AnalyticsBrowser } from '@segment/analytics-next'

const { collector, batch, stores } = globalThis.job
const deliveryStrategy = { strategy: 'batching', config: { size: batch, timeout: 3000 } }

// The settings that its CDN would answer, so that nothing is asked of the internet: no destinations beside the collector.
const analytics = AnalyticsBrowser.load(
  { writeKey: 'bench', cdnSettings: { integrations: { 'Segment.io': { apiKey: 'bench' } } } },
  {
    disableClientPersistence: !stores,
    integrations: {
      'Segment.io': {
        apiHost: new URL(collector).host,
        protocol: 'http',
        ...(batch && { deliveryStrategy }),
      },
    },
  },
)

globalThis.tracker = {
  ready: analytics.ready(),
  pageView: () => void analytics.page(),
  addToCart: ({ id, ...product }) =>
    void analytics.track('Product Added', { product_id: id, currency: 'BRL', ...product }),
}
