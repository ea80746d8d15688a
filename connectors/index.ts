import type { AnyConnector } from '../core/connector.ts'
import { dynamics } from './dynamics/index.ts'
import { rdstation } from './rdstation/index.ts'
import { responsys } from './responsys/index.ts'
import { salesforce } from './salesforce/index.ts'
import { sendgrid } from './sendgrid/index.ts'
import { whatsapp } from './whatsapp/index.ts'

/** Every vendor that this program can deliver to, by name: a new one is its folder and a line here. */
export const connectors: Readonly<Record<string, AnyConnector>> = {
  dynamics,
  rdstation,
  responsys,
  salesforce,
  sendgrid,
  whatsapp,
}
