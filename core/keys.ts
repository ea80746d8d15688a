import type { Lane } from './event.ts'

/**
 * The keys of every table, in one place. All tables have `pk` (S) and `sk` (S). Keys of tables that connectors share
 * begin with `<connector>#`: each role's `dynamodb:LeadingKeys` condition rests on that.
 *
 *   buffer (one per connector)  [u#]<tenant>#<shard>              <at>#<hash of the event ids>
 *   tenants                     tenant#<tenant>                   row        (Tenant, read by receive)
 *                               tid#<tid>                         row        ({tenant})
 *                               <connector>#<tenant>              row        (Destination)
 *   state                       <connector>#<tenant>              destination | lane#<lane>#<shard> | cause#<reason>
 *                               <connector>#<tenant>#ledger#<id>  <call>
 *                               <connector>#@<account>            pace#<call> | refresh
 *   tokens                      <connector>#<account>#refresh     row        (only refresh may read it)
 *                               <connector>#<account>#access      row        (the copy for process)
 *   dead-letters                <connector>#<tenant>              <event id>
 *                               <connector>#<tenant>#message#<salted hash of the vendor's id>   row
 *                               <connector>#<tenant>#person#<salted hash>                       row
 *   suppressions                <tenant>                          <salted hash>[@<connector>]
 *   inbox                       <connector>#<tenant>#<hash of the body>   part#<n>
 */
export const ROW = 'row'

export const bufferPartition = (lane: Lane, tenant: string, shard: number): string =>
  `${lane === 'urgent' ? 'u#' : ''}${tenant}#${shard}`

/** The inverse of `bufferPartition`; undefined for a key that is none of ours. */
export function readPartition(pk: string): { lane: Lane; tenant: string; shard: number } | undefined {
  const match = /^(u#)?([a-z0-9-]+)#(\d+)$/.exec(pk)
  return match ? { lane: match[1] ? 'urgent' : 'normal', tenant: match[2]!, shard: Number(match[3]) } : undefined
}

export const tenantKey = (tenant: string): string => `tenant#${tenant}`
export const tidKey = (tid: string): string => `tid#${tid}`
export const destinationKey = (connector: string, tenant: string): string => `${connector}#${tenant}`
export const accountKey = (connector: string, account: string): string => `${connector}#@${account}`
export const ledgerKey = (connector: string, tenant: string, eventId: string): string =>
  `${connector}#${tenant}#ledger#${eventId}`
export const messageKey = (connector: string, tenant: string, hash: string): string =>
  `${connector}#${tenant}#message#${hash}`
export const personKey = (connector: string, tenant: string, hash: string): string =>
  `${connector}#${tenant}#person#${hash}`
export const inboxKey = (connector: string, tenant: string, hash: string): string => `${connector}#${tenant}#${hash}`
/** The inverse of `inboxKey`; undefined for a key that is none of ours. */
export function readInboxKey(pk: string): { connector: string; tenant: string; hash: string } | undefined {
  const [connector, tenant, hash, ...more] = pk.split('#')
  return connector && tenant && hash && !more.length ? { connector, tenant, hash } : undefined
}
export const partRow = (part: number): string => `part#${part}`
export const refreshTokenKey = (connector: string, account: string): string => `${connector}#${account}#refresh`
export const accessTokenKey = (connector: string, account: string): string => `${connector}#${account}#access`

export const DESTINATION_ROW = 'destination'
export const laneRow = (lane: Lane, shard: number): string => `lane#${lane}#${shard}`
export const causeRow = (reason: string): string => `cause#${reason}`
export const paceRow = (call: string): string => `pace#${call}`
export const REFRESH_ROW = 'refresh'
