import { flags } from './consent.ts'

export type Settings = {
  tenant: string
  /** `https://hub.example`, without a slash at its end. */
  endpoint: string
  /** Consent flags, separated by spaces, that must be granted before anything is sent. Empty: the flags only travel along. */
  needs: string
}
export const settings: Settings = { tenant: '', endpoint: '', needs: 'analytics_storage' }

export const mayGo = (): boolean | '' =>
  settings.tenant && settings.needs.split(' ').every(flag => !flag || flags[flag] === 'granted')
