// https://docs.snowplow.io/docs/sources/web-trackers/tracker-setup/initialization-options/
import { SnowplowEcommercePlugin, trackAddToCart } from '@snowplow/browser-plugin-snowplow-ecommerce'
import { flushBuffer, newTracker, trackPageView } from '@snowplow/browser-tracker'

const { collector, batch, stores } = globalThis.job

newTracker('sp', collector, {
  appId: 'shop',
  plugins: [SnowplowEcommercePlugin()],
  ...(batch && { bufferSize: batch }),
  ...(!stores && { stateStorageStrategy: 'none', anonymousTracking: true }),
})

globalThis.tracker = {
  pageView: () => trackPageView(),
  addToCart: product =>
    trackAddToCart({
      currency: 'BRL',
      total_value: product.price * product.quantity,
      products: [{ ...product, currency: 'BRL' }],
    }),
  // It has no timer: what does not fill a request goes when the page is left, or is asked to.
  flush: () => flushBuffer(),
}
