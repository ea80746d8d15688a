import { generateKeyPairSync, sign } from 'node:crypto'

/** A key and a certificate that nobody has signed but itself: made anew for each run, so that no key lies about in the files. */
export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body = sequence(
    der(0xa0, integer(2)), // version 3
    integer(1),
    ECDSA_SHA256,
    name('vendor.example'),
    sequence(time('250101000000Z'), time('490101000000Z')),
    name('vendor.example'),
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem(sequence(body, ECDSA_SHA256, signature)),
  }
}

/** Tag, length, value: https://www.itu.int/rec/T-REC-X.690, fields as https://www.rfc-editor.org/rfc/rfc5280#section-4.1 has them. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const value = Buffer.concat(parts)
  const { length } = value
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), value])
}
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts)
const integer = (value: number) => der(0x02, Buffer.from([value]))
const time = (text: string) => der(0x17, Buffer.from(text))
const identifier = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const name = (common: string) => sequence(der(0x31, sequence(identifier('550403'), der(0x0c, Buffer.from(common))))) // 2.5.4.3, a text
const ECDSA_SHA256 = sequence(identifier('2a8648ce3d040302')) // 1.2.840.10045.4.3.2

const pem = (bytes: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`
