/** Small help to make and change elements. Text is always set as text: no HTML is made of anything that was received. */

/** @param {string} id @returns {HTMLElement} */
export function byId (id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`expected an element ${id}`)
  return found
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function make (tag, className, ...children) {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  element.append(...children)
  return element
}

/** @param {string} tag @param {Readonly<Record<string, string>>} attributes @returns {SVGElement} */
export function makeSvg (tag, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}

/** Changes text only where it differs, so that what somebody has selected stays. @param {Element} element @param {string} text */
export function setText (element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * Keeps one element for each key, in their order; makes what is new and removes what is gone.
 *
 * @template Item
 * @param {Element} parent
 * @param {readonly Item[]} items
 * @param {(item: Item) => string} keyOf
 * @param {(item: Item) => HTMLElement} create
 * @param {(element: HTMLElement, item: Item) => void} update
 */
export function keep (parent, items, keyOf, create, update) {
  /** @type {Map<string, HTMLElement>} */
  const old = new Map()
  for (const child of parent.children) if (child instanceof HTMLElement) old.set(child.dataset['key'] ?? '', child)
  items.forEach((item, index) => {
    const key = keyOf(item)
    const element = old.get(key) ?? create(item)
    old.delete(key)
    element.dataset['key'] = key
    update(element, item)
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null)
  })
  for (const element of old.values()) element.remove()
}

/** The one element below another that `selector` finds. @param {Element} element @param {string} selector @returns {HTMLElement} */
export function part (element, selector) {
  const found = element.querySelector(selector)
  if (!(found instanceof HTMLElement)) throw new Error(`expected ${selector}`)
  return found
}

/** To a place in the console. @param {{ readonly words: string, readonly url: string }} place */
function link ({ words, url }) {
  const anchor = /** @type {HTMLAnchorElement} */ (make('a', '', words))
  anchor.href = url
  anchor.rel = 'noreferrer'
  return anchor
}

/** Keeps the links below an element as they are wanted. @param {HTMLElement} parent @param {readonly { readonly words: string, readonly url: string }[]} places */
export function keepLinks (parent, places) {
  const about = places.map(({ url }) => url).join(' ')
  if (parent.dataset['about'] === about) return
  parent.dataset['about'] = about
  parent.replaceChildren(...places.flatMap((place, index) => [index === 0 ? 'In the console: ' : ', ', link(place)]))
}

/** A name and a number on one line. @param {string} name @param {string} value @param {string} [className] */
export function row (name, value, className = 'row') {
  return make('li', className, make('span', '', name), make('span', 'number', value))
}
