import { createHash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/** What a vendor's call may carry. https://developers.facebook.com/docs/whatsapp/cloud-api/guides/set-up-webhooks: Meta's have 3 MB at most. */
export const HOOK_BYTES = 4 * 1024 * 1024
/** Room for keys below DynamoDB's 400 KB: docs.aws.amazon.com/amazondynamodb Constraints.html */
const PART_BYTES = 300_000
/** Meta repeats a call that was not taken for up to 7 days: a repeat of one that was is known as long. */
const KEEP_MS = 8 * 86_400_000

/** A call of a vendor as it waits in the inbox: cut so that each part fits an item. */
export type HookParts = { hash: string; parts: readonly Uint8Array[]; ttl: number }

/** A vendor waits for it: 4 MB that hardly shrink take a tenth of the time that deflate takes. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** The same body makes the same parts, so that a repeated call is stored once. */
export function cutHook(raw: Uint8Array, now: number): HookParts {
  const packed = zstdCompressSync(raw, FAST)
  const parts: Uint8Array[] = []
  for (let from = 0; from < Math.max(1, packed.length); from += PART_BYTES)
    parts.push(packed.subarray(from, from + PART_BYTES))
  return {
    hash: createHash('sha256').update(raw).digest('base64url').slice(0, 32),
    parts,
    ttl: Math.ceil((now + KEEP_MS) / 1000),
  }
}

/** The body of a call, parsed; undefined for what is not JSON. */
export function readHook(parts: readonly Uint8Array[]): unknown {
  const text = zstdDecompressSync(Buffer.concat(parts), { maxOutputLength: 2 * HOOK_BYTES }).toString()
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
