import { data, type Html, html } from './html.ts'
import { itemOf, PRODUCTS, type Product, productNamed } from './products.ts'
import { type Language, money, type Word, wordsIn } from './words.ts'

/** What a page says and what its scripts know of it. */
type Content = { title: string; kind: string; body: Html; facts?: object }
export type Frame = { language: Language; path: string; livePage: string; gtm: string }
type Say = (word: Word) => string

/** The page at `path`, which begins after the language; undefined if there is none. */
export function pageAt(frame: Frame): string | undefined {
  const say = wordsIn(frame.language)
  const content = contentAt(frame.path, frame.language, say)
  return content && whole(content, frame, say)
}

function contentAt(path: string, language: Language, say: Say): Content | undefined {
  if (path === '/') return list(language, say)
  const product = productNamed(/^\/product\/([\w-]+)$/.exec(path)?.[1] ?? '')
  if (product) return detail(product, language, say)
  return SIMPLE[path]?.(say)
}

const list = (language: Language, say: Say): Content => ({
  title: say('products'),
  kind: 'list',
  facts: { items: PRODUCTS.map(product => itemOf(product, language)) },
  body: html`<p class="lead">${say('about')}</p>
<ul class="products">${PRODUCTS.map(
    product => html`<li><a href="/${language}/product/${product.id}" data-item="${product.id}">
<img src="/picture/${product.id}.svg" alt="" width="160" height="120">
<span class="name">${product.name[language]}</span> <span class="price">${money(product.price, language)}</span></a></li>`,
  )}</ul>`,
})

const detail = (product: Product, language: Language, say: Say): Content => ({
  title: product.name[language],
  kind: 'product',
  facts: { items: [itemOf(product, language)] },
  body: html`<div class="detail"><img src="/picture/${product.id}.svg" alt="" width="320" height="240">
<div><p>${product.text[language]}</p>
<dl><dt>${say('brand')}</dt><dd>${product.brand}</dd><dt>${say('kind')}</dt><dd>${product.variant}</dd></dl>
<p class="price">${money(product.price, language)}</p>
<p><button type="button" class="main" id="add">${say('add')}</button></p>
<p role="status" id="added" data-text="${say('added')}"></p></div></div>`,
})

/** Forms say `post`, so that no browser ever writes what a person typed into an address. */
const field = (
  say: Say,
  name: 'firstName' | 'lastName' | 'email' | 'phone' | 'city' | 'state',
  complete: string,
  type = 'text',
) =>
  html`<p><label for="${name}">${say(name)}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${complete}" required></p>`

const SIMPLE: { readonly [path: string]: (say: Say) => Content } = {
  '/cart': say => ({
    title: say('cart'),
    kind: 'cart',
    body: html`<p id="empty" hidden>${say('emptyCart')}</p>
<div id="filled" hidden><table><caption class="hidden">${say('cart')}</caption>
<thead><tr><th scope="col">${say('product')}</th><th scope="col">${say('quantity')}</th><th scope="col">${say('price')}</th><td></td></tr></thead>
<tbody id="lines" data-remove="${say('remove')}" data-quantity="${say('quantity')}"></tbody>
<tfoot><tr><th scope="row" colspan="2">${say('total')}</th><td id="total"></td><td></td></tr></tfoot></table>
<p><a class="main" href="checkout">${say('checkout')}</a></p></div>`,
  }),
  '/checkout': say => ({
    title: say('checkout'),
    kind: 'checkout',
    body: html`<form id="checkout" method="post" action="thanks">
<fieldset><legend>${say('you')}</legend>${field(say, 'firstName', 'given-name')}${field(say, 'lastName', 'family-name')}
${field(say, 'email', 'email', 'email')}${field(say, 'phone', 'tel', 'tel')}
${field(say, 'city', 'address-level2')}${field(say, 'state', 'address-level1')}</fieldset>
<fieldset><legend>${say('shipping')}</legend>
<label><input type="radio" name="shipping" value="standard" required> ${say('standard')}</label>
<label><input type="radio" name="shipping" value="express"> ${say('express')}</label></fieldset>
<fieldset><legend>${say('payment')}</legend>
<label><input type="radio" name="payment" value="Pix" required> Pix</label>
<label><input type="radio" name="payment" value="card"> ${say('card')}</label></fieldset>
<p><button class="main">${say('buy')}</button></p></form>`,
  }),
  '/thanks': say => ({
    title: say('thanks'),
    kind: 'thanks',
    body: html`<p>${say('order')} <strong id="order">–</strong></p>`,
  }),
  '/contact': say => ({
    title: say('contact'),
    kind: 'contact',
    body: html`<form id="contact" method="post">${field(say, 'firstName', 'given-name')}${field(say, 'email', 'email', 'email')}
<p><label for="message">${say('message')}</label> <textarea id="message" name="message" rows="4"></textarea></p>
<p><button class="main">${say('send')}</button></p></form><p role="status" id="sent" data-text="${say('sent')}"></p>`,
  }),
}

function whole({ title, kind, body, facts = {} }: Content, frame: Frame, say: Say): string {
  const { language, path } = frame
  const other: Language = language === 'pt' ? 'en' : 'pt'
  return html`<!doctype html>
<html lang="${language === 'pt' ? 'pt-BR' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – ${say('shop')}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/shop.css">
<script src="/consent-default.js"></script>
<script src="/snippet.js" data-container="${frame.gtm}"></script>
<script type="application/json" id="facts">${data({ language, currency: 'BRL', ...facts })}</script>
<script type="module" src="/shop.js"></script>
</head>
<body data-kind="${kind}">
<a class="skip" href="#main">${say('skip')}</a>
<aside class="demo">${say('demo')} ${frame.livePage !== '' && html`<a href="${frame.livePage}">${say('live')}</a>`}</aside>
<header><p class="shop"><a href="/${language}/">${say('shop')}</a></p>
<nav aria-label="${say('menu')}"><a href="/${language}/">${say('products')}</a>
<a href="/${language}/contact">${say('contact')}</a>
<a href="/${language}/cart">${say('cart')} <span id="count"></span></a>
<a href="/${other}${path}" lang="${other}" hreflang="${other}">${say('other')}</a></nav></header>
<main id="main" tabindex="-1"><h1>${title}</h1>
<noscript><p>${say('needsScript')}</p></noscript>
${body}</main>
<footer><button type="button" id="consent-again" class="plain">${say('consentAgain')}</button></footer>
${banner(say)}
</body>
</html>
`.markup
}

const banner = (say: Say) => html`<section id="consent" class="consent" aria-labelledby="consent-title" hidden>
<h2 id="consent-title" tabindex="-1">${say('consentTitle')}</h2><p>${say('consentText')}</p>
<form id="consent-form" method="post"><p><label><input type="checkbox" name="analytics"> ${say('consentAnalytics')}</label>
<label><input type="checkbox" name="marketing"> ${say('consentMarketing')}</label></p>
<p class="choices"><button type="submit" value="all">${say('consentAll')}</button>
<button type="submit" value="none">${say('consentNone')}</button>
<button type="submit" value="some">${say('consentSome')}</button></p></form></section>`

/** A page for addresses that are none. */
export const missingPage = (frame: Frame): string => {
  const say = wordsIn(frame.language)
  return whole({ title: say('missing'), kind: 'missing', body: html`` }, frame, say)
}

/** A cup, a bag or whatever one sees in it. */
export const picture = ({ hue }: Product): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 120"><rect width="160" height="120" fill="hsl(${hue} 40% 90%)"/>` +
  `<path d="M52 42h52v30a22 22 0 0 1-22 22h-8a22 22 0 0 1-22-22z" fill="hsl(${hue} 45% 45%)"/>` +
  `<path d="M104 48h8a12 12 0 0 1 0 24h-8" fill="none" stroke="hsl(${hue} 45% 45%)" stroke-width="6"/></svg>`
