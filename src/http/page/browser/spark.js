import { make, makeSvg } from './elements.js'

/** Small drawings of numbers. */

/** The shortest stretch that is drawn: less looks like nothing. */
const leastSeconds = 60

/** @typedef {{ readonly points: readonly (readonly [number, number])[], readonly className: string }} Line */

/**
 * Lines of the last 15 minutes at most, with one scale for all of them.
 *
 * @param {readonly Line[]} lines points are a time in ms and a value
 * @param {string} label
 */
export function spark (lines, label) {
  const endMs = Math.max(...lines.map(({ points }) => points.at(-1)?.[0] ?? 0))
  const startMs = Math.min(...lines.map(({ points }) => points[0]?.[0] ?? endMs))
  const seconds = Math.max(leastSeconds, (endMs - startMs) / 1_000)
  const svg = makeSvg('svg', { class: 'spark', viewBox: '0 0 1000 32', preserveAspectRatio: 'none', role: 'img', 'aria-label': label })
  const most = Math.max(...lines.flatMap(({ points }) => points.map(([, value]) => value)), 1e-9)
  svg.append(makeSvg('path', { d: 'M0 31.5H1000', class: 'ground' }))
  for (const { points, className } of lines) {
    // At the left edge less than nothing may be left.
    const xOf = (/** @type {number} */ atMs) => Math.max(0, 1_000 - (endMs - atMs) / seconds).toFixed(1)
    const d = points.map(([atMs, value], index) =>
      `${index === 0 ? 'M' : 'L'}${xOf(atMs)} ${(31 - 30 * value / most).toFixed(1)}`).join('')
    if (d !== '') svg.append(makeSvg('path', { d, class: className }))
  }
  return svg
}

/** Bars, each with what it counts. @param {readonly { words: string, count: number }[]} bars @param {string} label */
export function histogram (bars, label) {
  const most = Math.max(1, ...bars.map(({ count }) => count))
  const svg = makeSvg('svg', { class: 'bars', viewBox: `0 0 ${bars.length * 10} 32`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label })
  bars.forEach(({ words, count }, index) => {
    const height = count === 0 ? 0.5 : Math.max(1.5, 32 * count / most)
    const bar = makeSvg('rect', { x: String(index * 10 + 1), y: (32 - height).toFixed(1), width: '8', height: height.toFixed(1) })
    const title = makeSvg('title', {})
    title.textContent = words
    bar.append(title)
    svg.append(bar)
  })
  return svg
}

/** A card: a title, a drawing, rows. @param {string} title @param {...(HTMLElement | SVGElement)} children */
export function card (title, ...children) {
  const drawn = children.filter(child => child instanceof SVGElement || child instanceof HTMLParagraphElement)
  const rows = children.filter(child => child instanceof HTMLLIElement)
  return make('div', 'card', make('h3', '', title), ...drawn, make('ul', '', ...rows))
}
