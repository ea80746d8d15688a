import { byId, h, keyed, number, time } from './dom.js'

export function showMails(mails) {
  // Two mails of one cause may share a second and a subject: counted from the oldest, their numbers stay.
  const numbered = mails.map((mail, i) => ({ ...mail, key: mails.length - i }))
  keyed(byId('mail-list'), numbered, ({ key, at }) => `${key} ${at}`, mail)
  byId('mails-found').textContent = mails.length ? number(mails.length) : ''
  byId('mail-count').textContent = mails.length ? number(mails.length) : ''
  byId('no-mails').hidden = mails.length > 0
}

const mail = ({ at, to, subject, text }, before) =>
  h(
    'details',
    { class: 'mail', open: before?.open },
    h('summary', {}, h('b', {}, subject), h('small', { class: 'muted' }, time(at), ` to ${to.join(', ')}`)),
    h('pre', {}, text),
  )

export function showTroubles(troubles) {
  const numbered = troubles.map((trouble, i) => ({ ...trouble, key: troubles.length - i }))
  keyed(byId('trouble-list'), numbered, ({ key, at }) => `${key} ${at}`, trouble)
  byId('troubles-found').textContent = troubles.length ? number(troubles.length) : ''
  byId('no-troubles').hidden = troubles.length > 0
}

const trouble = ({ at, functionName, level, text }) =>
  h('p', { class: 'trouble', 'data-level': level }, time(at), ' ', h('b', {}, functionName), ' ', h('span', {}, text))
