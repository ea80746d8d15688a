import { buildTag, GZIP_BYTES } from './build.ts'

const { source, gzipBytes } = await buildTag()
console.log(`tag.js: ${source.length} bytes, ${gzipBytes} gzipped, of ${GZIP_BYTES} allowed`)
if (gzipBytes > GZIP_BYTES) process.exitCode = 1
