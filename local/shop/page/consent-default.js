// Before everything else: what may be done until the person has said otherwise, and what they said on an earlier visit.
window.dataLayer = window.dataLayer || []
window.gtag = function gtag() {
  // biome-ignore lint/complexity/noArguments: Tag Manager knows commands by the arguments object
  window.dataLayer.push(arguments)
}
window.gtag('consent', 'default', {
  ad_storage: 'denied',
  analytics_storage: 'denied',
  ad_user_data: 'denied',
  ad_personalization: 'denied',
  wait_for_update: 500,
})
{
  const [, choice] = /(?:^|; )shop_consent=([a-z.]*)/.exec(document.cookie) ?? []
  if (choice !== undefined) {
    const flag = purpose => (choice.split('.').includes(purpose) ? 'granted' : 'denied')
    window.gtag('consent', 'update', {
      analytics_storage: flag('analytics'),
      ad_storage: flag('marketing'),
      ad_user_data: flag('marketing'),
      ad_personalization: flag('marketing'),
    })
  }
}
