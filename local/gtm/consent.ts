/**
 * Consent Mode as templates see it. What nobody has ever set counts as granted, and who listens hears of changes only:
 * https://developers.google.com/tag-platform/tag-manager/templates/consent-apis
 */
export type Consent = {
  granted(type: string): boolean
  setDefault(values: { readonly [type: string]: unknown }): void
  update(values: { readonly [type: string]: unknown }): void
  listen(type: string, listener: (type: string, granted: boolean) => void): void
}

/** `region`: where the person is, in the words of ISO 3166-2; a default for other regions does not count. */
export function createConsent(region: string): Consent {
  const defaults = new Map<string, { granted: boolean; regional: boolean }>()
  const updates = new Map<string, boolean>()
  const listeners: { type: string; listener: (type: string, granted: boolean) => void }[] = []
  const granted = (type: string) => updates.get(type) ?? defaults.get(type)?.granted ?? true

  function change(values: { readonly [type: string]: unknown }, apply: (type: string, granted: boolean) => void): void {
    const changed: string[] = []
    for (const [type, value] of Object.entries(values)) {
      if (value !== 'granted' && value !== 'denied') continue // region, wait_for_update
      const before = granted(type)
      apply(type, value === 'granted')
      if (granted(type) !== before) changed.push(type)
    }
    for (const { type, listener } of [...listeners]) if (changed.includes(type)) listener(type, granted(type))
  }
  return {
    granted,
    setDefault(values) {
      const regions = Array.isArray(values.region) ? (values.region as unknown[]) : undefined
      if (regions && !regions.some(one => region === one || region.startsWith(`${String(one)}-`))) return
      change(values, (type, value) => {
        // The nearer region wins, whichever comes first.
        if (regions || !defaults.get(type)?.regional) defaults.set(type, { granted: value, regional: Boolean(regions) })
      })
    },
    update: values => change(values, (type, value) => void updates.set(type, value)),
    listen: (type, listener) => void listeners.push({ type, listener }),
  }
}
