import type { Webhook } from '../core/connector.ts'
import { webhook as rdstation } from './rdstation/webhook.ts'
import { webhook as sendgrid } from './sendgrid/webhook.ts'
import { webhook as whatsapp } from './whatsapp/webhook.ts'

/** The vendors that call us, by name: apart from the connectors, so that whoever listens carries nothing of how we speak. */
// biome-ignore lint/suspicious/noExplicitAny: webhooks of connectors with settings of every type
export const webhooks: Readonly<Record<string, Webhook<any>>> = { rdstation, sendgrid, whatsapp }
