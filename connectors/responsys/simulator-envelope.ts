import type { VendorAnswer } from '../../core/simulator.ts'

type Said = Exclude<VendorAnswer, string>

/** https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/GetStarted/FAQs/faqs-error-status-codes.htm */
export const envelope = (status: number, errorCode: string, title: string, detail = ''): Said => ({
  status,
  headers: { 'X-CorrelationID': 'c-1' },
  body: { type: '', title, errorCode, detail, errorDetails: [] },
})
export const invalidParameter = (detail: string): Said =>
  envelope(400, 'INVALID_PARAMETER', 'Invalid request parameters', detail)
export const invalidContent = (detail: string, status = 400): Said =>
  envelope(status, 'INVALID_REQUEST_CONTENT', 'Invalid request content', detail)
