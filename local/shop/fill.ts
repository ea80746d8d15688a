import { webContainer } from '../../tag/gtm/containers.ts'
import type { Container } from '../gtm/container.ts'
import { publish } from '../gtm/publish.ts'
import type { Shop } from './server.ts'

export type Filling = {
  tenant: string
  ingestUrl: string
  livePage?: string
  /** Consent that an event needs before it is sent. Default: `analytics_storage`. */
  needs?: readonly string[]
}

/** Opens the shop with the container that the tenant would import into Tag Manager, published as it is. */
export async function fillShop(shop: Shop, filling: Filling): Promise<void> {
  const { tenant, ingestUrl, livePage, needs = ['analytics_storage'] } = filling
  const file = webContainer({
    tenant,
    endpoint: ingestUrl,
    origins: [shop.url],
    consent: 'wait',
    needs,
    pageViews: true,
    now: new Date(),
  })
  const container = JSON.parse(JSON.stringify(file)) as Container
  const { publicId } = container.containerVersion.container
  shop.open({ ingestUrl, gtm: { publicId, script: await publish(container) }, ...(livePage && { livePage }) })
}
