import { createPublicKey } from 'node:crypto'

// Made for this fake and good for nothing else.
const DER = [
  'MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBANhcoTUH5n6FiIs4PYvMcLUsHbf0jHwWbBWIo7pUF23aOxboKTe4',
  'cE6y6hTL4GT8/Z6EpFrkI+OVK3yP1MSgaeqU9RphVnEveJS83y6Z191bnDUJnY4ry70NafuDrAJAeU4h4+Y9J28GoKMTvDPLLpUN',
  'yeGRUSei7WocsPz3RR6VAgMBAAECgYB55KXFtK+8tApbNNInwoP07efITXQgLJm0AAkN3nZco0gK/bzK8ZQEInQSR1IiUw2nkt7t',
  'ff5iJxYa1QVvyVghkOp1LOqy0Iizc4mGH7Ix/kzNVvoE9eRZ5mv7CWwJBx89nXnVLJcE5REE7J4LKxUXEm5MsQek+xkR4SRgz+k6',
  'AQJBAP0pFJDBInVFyxU2qHUb5hHz8ZlkbmesjGVavLppgyAwykNtrpE/0+9825ofGmqEKpnMpjhN/6NjYimR/W0y7lUCQQDayeL1',
  'EYC8wNeTZ9YiWM4AhE8BSn/9hb0OIsmnuMQGB/HmNBS1rf3g+b+IIDMtKV4oBA99pZTHvNxn1qPgQS9BAkEAsHGqWL2Tc6MCSTXA',
  'MWcRcl/QerWp0W5Mp/OW6GHTt2LqBhby/V88KoWeVQvqkGSvgGRHUaTjUJBbAVg0BqDhxQJADPCLv7q9RmyRU2J8w6NE67rngUgK',
  'sc/LEp70FjtTPJgTsm26G9Sigz/CGCbvX+hmbS9wSxoT5oxA7NNA9e5lAQJAT7kwQlIWC/qJmFHRNbOo5VwBIETYfx2vgU60IBEP',
  'sdvwgv0Hua8GYrRp6Mh1oqbtjrM/o9iqmjToav4IoWS9pw==',
]

/** Of the certificate that was uploaded to every app of the fake. */
export const PRIVATE_KEY = [
  '-----BEGIN PRIVATE KEY-----',
  ...(DER.join('').match(/.{1,64}/g) ?? []),
  '-----END PRIVATE KEY-----',
].join('\n')
export const publicKey = () => createPublicKey(PRIVATE_KEY)
