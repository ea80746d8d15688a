// Runs at the edge (cloudfront-js-2.0) before the cache and the origin: answers preflights, passes on everything else.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by its name
function handler(event) {
  const request = event.request
  if (request.method !== 'OPTIONS') return request
  return {
    statusCode: 204,
    statusDescription: 'No Content',
    headers: {
      // Whether a site may send at all is decided with the event, where the tenant is known.
      'access-control-allow-origin': { value: '*' },
      'access-control-allow-methods': { value: 'GET, HEAD, POST, OPTIONS' },
      'access-control-allow-headers': { value: 'content-type, x-connect-key' },
      'access-control-max-age': { value: '86400' },
      'cache-control': { value: 'no-store' },
    },
  }
}
