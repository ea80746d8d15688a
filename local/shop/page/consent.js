// The banner: shown until the person has chosen, and again when they ask for it.
const YEAR_SECONDS = 31_536_000
const banner = document.getElementById('consent')
const form = document.getElementById('consent-form')

const chosen = () => /(?:^|; )shop_consent=([a-z.]*)/.exec(document.cookie)?.[1]

let asked = false

function show(again) {
  asked = again
  const purposes = (chosen() ?? '').split('.')
  for (const name of ['analytics', 'marketing']) form.elements[name].checked = purposes.includes(name)
  banner.hidden = false
  if (again) document.getElementById('consent-title').focus()
}

function choose(answer) {
  const granted = name => answer === 'all' || (answer === 'some' && form.elements[name].checked)
  const purposes = ['analytics', 'marketing'].filter(granted)
  // biome-ignore lint/suspicious/noDocumentCookie: the other way is not known to every browser
  document.cookie = `shop_consent=${purposes.join('.')}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`
  const flag = name => (granted(name) ? 'granted' : 'denied')
  window.gtag('consent', 'update', {
    analytics_storage: flag('analytics'),
    ad_storage: flag('marketing'),
    ad_user_data: flag('marketing'),
    ad_personalization: flag('marketing'),
  })
  const within = banner.contains(document.activeElement)
  banner.hidden = true
  if (within) document.getElementById(asked ? 'consent-again' : 'main').focus() // else it would be lost with the button
}

export function setUpConsent() {
  form.addEventListener('submit', event => {
    event.preventDefault()
    choose(event.submitter?.value ?? 'some')
  })
  document.getElementById('consent-again').addEventListener('click', () => show(true))
  if (chosen() === undefined) show(false)
}
