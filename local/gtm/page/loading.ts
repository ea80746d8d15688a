/** Scripts asked for with a token: one element each, and everyone who asked is told. */
const byToken = new Map<string, Promise<void>>()

export function injectScript(url: string, nonce: string, ok?: () => void, fail?: () => void, token?: string): void {
  const loading = (token !== undefined && byToken.get(token)) || load(url, nonce)
  if (token !== undefined) byToken.set(token, loading)
  loading.then(ok, fail)
}

const load = (url: string, nonce: string) =>
  new Promise<void>((resolve, reject) => {
    const script = document.createElement('script')
    script.async = true
    script.src = url
    if (nonce) script.nonce = nonce // of the script element that brought the container
    script.onload = () => resolve()
    script.onerror = () => reject(new Error(`${url} did not load`))
    document.head.append(script)
  })

export function injectIframe(url: string, ok?: () => void): void {
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.src = url
  frame.onload = () => ok?.()
  document.body.append(frame)
}

export function sendPixel(url: string, ok?: () => void, fail?: () => void): void {
  const image = new Image(1, 1)
  image.onload = () => ok?.()
  image.onerror = () => fail?.()
  image.src = url
}
