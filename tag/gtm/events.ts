/** The four types of Consent Mode v2: https://developers.google.com/tag-platform/security/guides/consent */
export const CONSENTS = ['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'] as const

/** https://developers.google.com/analytics/devguides/collection/ga4/ecommerce */
export const ECOMMERCE_EVENTS = [
  'view_item_list',
  'select_item',
  'view_promotion',
  'select_promotion',
  'view_item',
  'add_to_wishlist',
  'add_to_cart',
  'remove_from_cart',
  'view_cart',
  'begin_checkout',
  'add_shipping_info',
  'add_payment_info',
  'purchase',
  'refund',
] as const

/** https://developers.google.com/analytics/devguides/collection/ga4/reference/events?client_type=gtm */
export const LEAD_EVENTS = [
  'generate_lead',
  'working_lead',
  'qualify_lead',
  'disqualify_lead',
  'close_convert_lead',
  'close_unconvert_lead',
  'sign_up',
  'login',
] as const

/** Parameters at the top of the dataLayer, by event. Cart events carry theirs in `ecommerce`. Same source as above. */
export const GA4_PARAMETERS: { readonly [event: string]: readonly string[] } = {
  generate_lead: ['currency', 'value', 'lead_source'],
  working_lead: ['currency', 'value', 'lead_status'],
  qualify_lead: ['currency', 'value'],
  disqualify_lead: ['currency', 'value', 'disqualified_lead_reason'],
  close_convert_lead: ['currency', 'value'],
  close_unconvert_lead: ['currency', 'value', 'unconvert_lead_reason'],
  sign_up: ['method'],
  login: ['method'],
  search: ['search_term'],
  view_search_results: ['search_term'],
  page_view: [],
}
