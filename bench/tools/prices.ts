/** USD. Each without free tiers and discounts; `unconfirmed` where the page could not be read for the region. */
export type Prices = { readonly [item in keyof typeof VIRGINIA]: number }

const MILLION = 1e-6
const GB = 1e-9

const VIRGINIA = {
  /** https://aws.amazon.com/cloudfront/pricing/ (HTTPS requests: 0.0100 per 10,000) */
  edgeRequest: 1.0 * MILLION,
  /** https://aws.amazon.com/cloudfront/pricing/ (out to the internet, first 10 TB) */
  edgeByteOut: 0.085 * GB,
  /** https://aws.amazon.com/cloudfront/pricing/ (to the origin) */
  edgeByteToOrigin: 0.02 * GB,
  /** https://aws.amazon.com/cloudfront/pricing/ (CloudFront Functions) */
  edgeFunction: 0.1 * MILLION,
  /** https://aws.amazon.com/waf/pricing/ */
  firewallRequest: 0.6 * MILLION,
  /** https://aws.amazon.com/lambda/pricing/ */
  call: 0.2 * MILLION,
  /** https://aws.amazon.com/lambda/pricing/ (arm64) */
  gbSecond: 0.0000133334,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  writeUnit: 0.625 * MILLION,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  readUnit: 0.125 * MILLION,
  /** https://aws.amazon.com/cloudwatch/pricing/ (logs taken in) */
  logByte: 0.5 * GB,
}

export const PRICES: { readonly [region: string]: Prices } = {
  'us-east-1': VIRGINIA,
  'sa-east-1': {
    ...VIRGINIA,
    edgeRequest: 2.2 * MILLION,
    edgeByteOut: 0.11 * GB,
    edgeByteToOrigin: 0.125 * GB, // unconfirmed
    writeUnit: 0.9375 * MILLION, // unconfirmed: half as much again as in us-east-1
    readUnit: 0.1875 * MILLION, // unconfirmed
    logByte: 0.9 * GB, // unconfirmed
  },
}
