import { DEFAULTS, webContainer } from '../../tag/gtm/containers.ts'
import type { Container } from '../gtm/container.ts'
import { publish } from '../gtm/publish.ts'
import type { Shop } from './server.ts'

export type Filling = {
  tenant: string
  ingestUrl: string
  livePage?: string
  /** What was asked for beyond the defaults of `npm run gtm`. */
  pageViews?: boolean
}

/** Opens the shop with the container that the tenant would import into Tag Manager, published as it is. */
export async function fillShop(shop: Shop, filling: Filling): Promise<void> {
  const { tenant, ingestUrl, livePage, pageViews = DEFAULTS.pageViews } = filling
  const file = webContainer({
    ...DEFAULTS,
    tenant,
    endpoint: ingestUrl,
    origins: [shop.url],
    pageViews,
    now: new Date(),
  })
  const container = JSON.parse(JSON.stringify(file)) as Container
  const { publicId } = container.containerVersion.container
  shop.open({ ingestUrl, gtm: { publicId, script: await publish(container) }, ...(livePage && { livePage }) })
}
