// Does what the snippet does that Tag Manager gives out, with the emulator in the place of googletagmanager.com.
window.dataLayer = window.dataLayer || []
window.dataLayer.push({ 'gtm.start': Date.now(), event: 'gtm.js' })
{
  const script = document.createElement('script')
  script.async = true
  script.src = `/gtm.js?id=${encodeURIComponent(document.currentScript.dataset.container)}`
  document.head.append(script)
}
