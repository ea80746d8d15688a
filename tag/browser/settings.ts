import { flags } from './consent.ts'

export type Settings = {
  tenant: string
  /** `https://hub.example`, without a slash at its end. */
  endpoint: string
  /** Consent flags, separated by spaces, that must be granted before anything is sent. Empty: the flags only travel along. */
  needs: string
}
/** Tenant and endpoint come with the script element or with the first entry of the queue. */
export const settings = { needs: 'analytics_storage' } as Settings

export const mayGo = (): boolean | '' =>
  settings.tenant && settings.needs.split(' ').every(flag => !flag || flags[flag] === 'granted')
